//! Several changes of one list, each made over the result of the one before, told as edits of the list as it was.

use super::args::{ArgEdit, Args};

pub(super) struct Rewrite<'a> {
    before: &'a Args,
    /// What each argument has become; `None` is gone.
    now: Vec<Option<String>>,
    added: Vec<String>,
}

impl<'a> Rewrite<'a> {
    pub(super) fn new(before: &'a Args) -> Self {
        let now = before.as_slice().iter().cloned().map(Some).collect();
        Self { before, now, added: Vec::new() }
    }

    /// The list as it is now.
    pub(super) fn now(&self) -> Args {
        Args::new(self.now.iter().flatten().chain(&self.added).cloned().collect())
    }

    /// Makes the edits that are asked for of the list as it is now.
    pub(super) fn change(&mut self, edits: impl FnOnce(&Args) -> Vec<ArgEdit>) {
        let edits = edits(&self.now());
        let kept: Vec<_> = (0..self.now.len()).filter(|index| self.now[*index].is_some()).collect();
        let mut gone = Vec::new();
        let mut appended = Vec::new();
        for edit in edits {
            match edit {
                ArgEdit::Append { arg } => appended.push(arg),
                ArgEdit::Replace { index, with } => match kept.get(index) {
                    Some(place) => self.now[*place] = Some(with),
                    None => self.added[index - kept.len()] = with,
                },
                ArgEdit::Remove { index } => match kept.get(index) {
                    Some(place) => self.now[*place] = None,
                    None => gone.push(index - kept.len()),
                },
            }
        }
        gone.sort_unstable();
        gone.dedup();
        for index in gone.into_iter().rev() {
            self.added.remove(index);
        }
        self.added.extend(appended);
    }

    /// The edits that lead from the list as it was to what it has become.
    pub(super) fn edits(mut self) -> Vec<ArgEdit> {
        self.restore();
        let before = self.before.as_slice().iter();
        let changed =
            self.now.into_iter().zip(before).enumerate().filter_map(|(index, (now, before))| match now {
                None => Some(ArgEdit::Remove { index }),
                Some(with) if with != *before => Some(ArgEdit::Replace { index, with }),
                Some(_) => None,
            });
        changed.chain(self.added.into_iter().map(|arg| ArgEdit::Append { arg })).collect()
    }
}

impl Rewrite<'_> {
    /// What was taken away and added again stays where it stood: with it stay its line and the comment there.
    fn restore(&mut self) {
        let before = self.before.as_slice();
        let now = &mut self.now;
        self.added.retain(|arg| {
            // A flag of two arguments is not known by its first.
            let is_whole = arg.contains('=');
            let gone =
                (0..now.len()).find(|index| is_whole && now[*index].is_none() && before[*index] == *arg);
            if let Some(index) = gone {
                now[index] = Some(arg.clone());
            }
            gone.is_none()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_sees_what_the_one_before_left() {
        let args = Args::new(["--a=1", "--b", "2", "--c"].map(str::to_owned).to_vec());
        let mut rewrite = Rewrite::new(&args);
        rewrite.change(|args| args.without(|name| name == "b"));
        rewrite.change(|args| [args.with_value("c", "3"), args.with_switch("d")].concat());
        rewrite.change(|args| [args.with_switch("d"), args.with_value("a", "1")].concat());
        rewrite.change(|args| [args.with_switch("e"), args.without(|name| name == "d")].concat());
        let edits = rewrite.edits();
        assert_eq!(args.edited(&edits).as_slice(), ["--a=1", "--c=3", "--e"]);
        assert_eq!(edits.len(), 4);
    }

    #[test]
    fn what_goes_and_comes_back_is_no_change() {
        let args = Args::new(["--a=1", "--b=2"].map(str::to_owned).to_vec());
        let mut rewrite = Rewrite::new(&args);
        rewrite.change(|args| args.without(|name| name == "a"));
        rewrite.change(|args| args.with_value("a", "1"));
        assert_eq!(rewrite.edits(), []);
    }
}
