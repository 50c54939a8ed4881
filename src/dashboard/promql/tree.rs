//! What an expression is made of, as far as that decides where a label must stand.

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expr {
    /// A number, a duration, or a variable that can be nothing else.
    Number,
    /// A string, without its quotes.
    Text(String),
    Selector(Selector),
    /// A variable of Grafana's that stands where a metric or a number may stand.
    Variable {
        name: String,
        end: usize,
    },
    Call {
        callee: Callee,
        args: Vec<Expr>,
    },
    Aggregation(Aggregation),
    Binary(Box<Binary>),
    /// A range, a subquery, an offset, `@`, a sign, parentheses: what is inside decides.
    Around(Box<Expr>),
}

/// The series of one metric, or of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selector {
    /// Where the name of the metric ends, or an opened brace.
    pub place: usize,
    /// What stands between the braces, where there are any.
    pub matchers: Option<Vec<Matcher>>,
    /// Between commas there is space.
    pub spaced: bool,
}

/// What stands between commas in braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Matcher {
    /// `label=~"value"`, the value with its quotes.
    Label { label: String, value: String },
    /// A quoted metric name, or a variable that brings matchers.
    Other,
}

/// Who is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Callee {
    /// A function, in lower case.
    Function(String),
    /// A variable: a function, or an aggregation.
    Unknown(String),
}

/// `sum by (a) (b)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Aggregation {
    /// In lower case; a variable as it is written.
    pub name: String,
    /// Where the name ends.
    pub end: usize,
    /// The name is followed by space.
    pub spaced: bool,
    pub grouping: Option<Grouping>,
    pub args: Vec<Expr>,
}

/// `by` and `without`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grouping {
    pub keeps: bool,
    pub labels: Labels,
}

/// Names in parentheses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Labels {
    /// Right behind the parenthesis.
    pub place: usize,
    pub names: Vec<String>,
    /// Between commas there is space.
    pub spaced: bool,
}

/// Two expressions and what stands between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Binary {
    /// In lower case.
    pub operator: String,
    pub left: Expr,
    pub right: Expr,
    pub matching: Matching,
    /// The labels that `group_left` or `group_right` takes over; `None` where there is neither.
    pub group: Option<Vec<String>>,
}

/// How the series of two sides find each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Matching {
    AllLabels,
    On(Labels),
    Ignoring(Labels),
}

impl Labels {
    pub(super) fn has(&self, label: &str) -> bool {
        self.names.iter().any(|name| name == label)
    }
}

impl Expr {
    /// Whether it asks for any series.
    pub(super) fn asks(&self) -> bool {
        match self {
            Self::Number | Self::Text(_) => false,
            Self::Selector(_) | Self::Variable { .. } => true,
            Self::Call { args, .. } | Self::Aggregation(Aggregation { args, .. }) => {
                args.iter().any(Self::asks)
            }
            Self::Binary(binary) => binary.left.asks() || binary.right.asks(),
            Self::Around(inner) => inner.asks(),
        }
    }
}
