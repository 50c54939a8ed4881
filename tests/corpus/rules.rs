//! What must hold whenever the plugin changes somebody's text: for the corpus and for the fuzzer alike.
//!
//! Each function makes the edits that a role needs, the way the plugin does, and panics where a rule is broken. What it
//! answers is the text afterwards, or why nothing was changed.

use promfed::domain::ClusterName;
use promfed::package::{ARGS, CONFIG, Location, ValueSource, Values};
use promfed::prometheus::capability::{Mode, feature_of_flag, known_flag, mode_of_flag};
use promfed::prometheus::config::{RemoteWrite, Trust, agent_edits, label_edits};
use promfed::prometheus::flags::{ArgEdit, Args, HubArgs, agent_args, from_values, hub_args};
use promfed::prometheus::{AgentMode, Capabilities, Receiver, Role, Version};
use promfed::yaml::{self, Edit, Path, Segment};
use serde_json::{Map, Value, json};

/// The versions at which something about flags changes, and one that has all.
pub const VERSIONS: [(u32, u32); 10] =
    [(2, 24), (2, 26), (2, 30), (2, 32), (2, 33), (2, 43), (2, 45), (2, 55), (3, 0), (3, 5)];

pub fn capabilities(choice: usize) -> Capabilities {
    let (major, minor) = VERSIONS[choice % VERSIONS.len()];
    Capabilities::of(Version::new(major, minor, 0))
}

/// What the configuration of a role lacks.
pub fn config_edits(role: Role, config: &Value, capabilities: Capabilities) -> Vec<Edit> {
    let name: ClusterName = "north-1".parse().expect("a name");
    match role {
        Role::Hub => label_edits(config, &name, |_| true),
        Role::Agent => {
            let url = "https://hub.example.com/api/v1/write".parse().expect("a URL");
            let trust =
                Trust::Authority("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned());
            let remote_write = RemoteWrite::new(url, trust);
            agent_edits(config, &name, &remote_write, capabilities)
        }
    }
}

/// What the arguments of a role lack.
pub fn arg_edits(role: Role, args: &Args, capabilities: Capabilities) -> Vec<ArgEdit> {
    match role {
        Role::Hub => hub_args(args, capabilities, HubArgs::patch("6w".parse().ok())),
        Role::Agent => agent_args(args, capabilities),
    }
}

/// A Prometheus configuration as a text of its own.
pub fn config(role: Role, text: &str, capabilities: Capabilities) -> Result<String, String> {
    let before = yaml::read(text).map_err(|error| error.to_string())?;
    let edits = config_edits(role, &before, capabilities);
    let after = yaml::edit(text, &edits).map_err(|refused| refused.to_string())?;
    let value = yaml::read(&after).expect("what was written can be read");
    assert_eq!(value, meant(before, &edits), "{text:?} became {after:?}");
    assert!(config_edits(role, &value, capabilities).is_empty(), "a second run wants more: {after:?}");
    Ok(after)
}

/// A values text, over defaults as the package has them.
pub fn values(role: Role, text: &str, capabilities: Capabilities) -> Result<String, String> {
    let (before, after) = apply(role, text, capabilities)?;
    let (again, unchanged) = apply(role, &after, capabilities).expect("what was written can be read");
    assert_eq!(after, unchanged, "a second run wants more");
    let args = before.args().expect("a list");
    let wanted = args.edited(&arg_edits(role, &args, capabilities));
    assert_eq!(again.args().expect("a list"), wanted, "{text:?} became {after:?}");
    let config = before.config().expect("a configuration");
    let config = config.value();
    let wanted = meant(config.clone(), &config_edits(role, config, capabilities));
    assert_eq!(*again.config().expect("a configuration").value(), wanted, "{text:?} became {after:?}");
    assert_eq!(others(&before), others(&again), "{text:?} became {after:?}");
    Ok(after)
}

fn apply(role: Role, text: &str, capabilities: Capabilities) -> Result<(Values, String), String> {
    let location = Location { secret: "values".to_owned(), key: "values.yaml".to_owned() };
    let source = ValueSource { location, resource_version: None, text: text.to_owned() };
    let told = |error: promfed::error::Error| format!("{} {}", error.what, error.causes.join(" "));
    let defaults = json!({"prometheus": {
        "deployment": {"containers": {"args": ["--storage.tsdb.retention.time=42d", "--web.enable-lifecycle"]}},
        "config": {"prometheus_yml": "global: {}\nscrape_configs:\n- job_name: self\n"}
    }});
    let before = Values::new(defaults, vec![source]).map_err(told)?;
    let mut values = before.clone();
    let args = values.args().map_err(told)?;
    values.edit_args(&arg_edits(role, &args, capabilities)).map_err(told)?;
    let config = values.config().map_err(told)?;
    values.edit_config(&config_edits(role, config.value(), capabilities)).map_err(told)?;
    let after = values.changes().map_err(told)?.pop().map_or_else(|| text.to_owned(), |change| change.after);
    Ok((before, after))
}

/// The values apart from what the roles edit.
fn others(values: &Values) -> Value {
    let mut all = values.effective();
    for path in [&ARGS[..], &CONFIG[..]] {
        let (last, above) = path.split_last().expect("a key");
        let above = above.iter().try_fold(&mut all, |value, key| value.as_object_mut()?.get_mut(*key));
        if let Some(above) = above.and_then(Value::as_object_mut) {
            above.remove(*last);
        }
    }
    without_nothing(all)
}

/// What is empty counts as nothing: mappings that an edit makes on its way are no change of what else there is.
fn without_nothing(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.into_iter().map(|(key, value)| (key, without_nothing(value)));
            let kept: Map<_, _> = kept.filter(|(_, value)| !value.is_null()).collect();
            if kept.is_empty() { Value::Null } else { Value::Object(kept) }
        }
        other => other,
    }
}

/// A list of arguments: what it must have afterwards, and that the rest stays as it was.
pub fn flags(role: Role, list: Vec<String>, capabilities: Capabilities) -> Args {
    let args = Args::new(list);
    let edited = args.edited(&arg_edits(role, &args, capabilities));
    let again = edited.edited(&arg_edits(role, &edited, capabilities));
    assert_eq!(again, edited, "a second run wants more than the first, of {args:?}");
    if !has_strays(&args) {
        assert_eq!(untouched(&args), untouched(&edited), "{args:?} became {edited:?}");
    }
    let switch = |name| edited.value(name) == Some("true");
    let feature = |name| edited.features().any(|one| one == name);
    match (role, capabilities.agent_mode(), capabilities.receiver()) {
        (Role::Agent, AgentMode::Flag, _) => assert!(switch("agent") && !feature("agent"), "{edited:?}"),
        (Role::Agent, AgentMode::FeatureName, _) => {
            assert!(feature("agent") && edited.value("agent").is_none(), "{edited:?}");
        }
        (Role::Hub, _, Receiver::Flag) => {
            assert!(
                switch("web.enable-remote-write-receiver") && !feature("remote-write-receiver"),
                "{edited:?}"
            );
        }
        (Role::Hub, _, Receiver::FeatureName) => {
            assert!(
                feature("remote-write-receiver")
                    && edited.value("web.enable-remote-write-receiver").is_none(),
                "{edited:?}"
            );
        }
        _ => {}
    }
    edited
}

/// Whether some argument belongs to no flag. Prometheus does not start with one, and what is taken away before it may
/// make it the value of another flag.
fn has_strays(args: &Args) -> bool {
    let is_bare = |arg: &String| arg.starts_with("--") && !arg.contains('=');
    let is_switch = |arg: &String| {
        let name = arg.trim_start_matches("--").trim_start_matches("no-");
        name == "agent"
            || ["web.enable-", "auto-go"].iter().any(|start| name.starts_with(start))
            || [".no-lockfile", ".wal-compression", ".allow-overlapping-blocks"]
                .iter()
                .any(|end| name.ends_with(end))
    };
    let list = args.as_slice();
    list.iter().enumerate().any(|(at, arg)| {
        !arg.starts_with("--") && (at == 0 || !is_bare(&list[at - 1]) || is_switch(&list[at - 1]))
    })
}

/// The flags that no version is known to speak of differently, in their order.
fn untouched(args: &Args) -> Vec<(String, String)> {
    let is_known = |name: &str| {
        known_flag(name).is_some() || feature_of_flag(name).is_some() || mode_of_flag(name) != Mode::Either
    };
    from_values(args)
        .into_iter()
        .filter(|one| one.flag != "enable-feature" && !is_known(&one.flag))
        .map(|one| (one.flag, one.expected.to_string()))
        .collect()
}

/// What edits mean, told once more and independently of the text.
fn meant(mut value: Value, edits: &[Edit]) -> Value {
    for edit in edits {
        apply_one(&mut value, edit);
    }
    value
}

fn apply_one(root: &mut Value, edit: &Edit) {
    match edit {
        Edit::Set { path, value } => *place(root, path) = value.clone(),
        Edit::Append { path, item } => {
            let place = place(root, path);
            if place.is_null() {
                *place = json!([]);
            }
            place.as_array_mut().expect("a list").push(item.clone());
        }
        Edit::Remove { path } => {
            let (above, last) = path.split_last().expect("not the whole document");
            match (place(root, &above), last) {
                (Value::Object(map), Segment::Key(key)) => drop(map.remove(key)),
                (Value::Array(items), Segment::Index(index)) => drop(items.remove(*index)),
                _ => {}
            }
        }
    }
}

fn place<'v>(root: &'v mut Value, path: &Path) -> &'v mut Value {
    path.segments().iter().fold(root, |value, segment| match segment {
        Segment::Key(key) => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            value.as_object_mut().expect("a mapping").entry(key.as_str()).or_insert(Value::Null)
        }
        Segment::Index(index) => &mut value[*index],
    })
}
