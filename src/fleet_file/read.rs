//! Reads a fleet file: every entry becomes a command line, and clap says what is wrong with it.

use std::collections::BTreeMap;
use std::path::Path;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use serde_json::{Map, Value};

use super::settings::{Part, Setting, Shape};
use super::{Declared, FleetFile};
use crate::cli::{AgentCommand, AgentJoin, Cli, Command, HubCommand};
use crate::domain::nearest;
use crate::error::{Error, Result};
use crate::report::{API_VERSION, FLEET_FILE, hidden};
use crate::yaml;

/// The keys of the file itself.
const KEYS: [&str; 5] = ["apiVersion", "kind", "hub", "agentDefaults", "agents"];

/// What a fleet file declares. Files that it names are looked for from its folder on.
///
/// # Errors
///
/// It is not YAML, says something that cannot be set, or what cannot be so. The error names the place.
pub fn read(text: &str, folder: &Path) -> Result<FleetFile> {
    let file = yaml::read(text).map_err(|error| wrong("it is not YAML").because(error.to_string()))?;
    let Value::Object(file) = file else { return Err(wrong("it is not a mapping")) };
    head(&file)?;
    let entry = |key: &str| file.get(key).filter(|value| !value.is_null());
    let hub = match entry("hub") {
        Some(hub) => Some(hub_of(mapping("hub", hub)?, folder)?),
        None => None,
    };
    let nothing = Map::new();
    let defaults = match entry("agentDefaults") {
        Some(defaults) => mapping("agentDefaults", defaults)?,
        None => &nothing,
    };
    known(Part::Agent, "agentDefaults", defaults)?;
    let agents = match entry("agents") {
        Some(Value::Array(agents)) => agents.as_slice(),
        Some(_) => return Err(wrong("agents: it is not a list")),
        None => &[],
    };
    let hub_context = hub.as_ref().map(Declared::context);
    let agents = agents.iter().enumerate().map(|(number, agent)| {
        let place = format!("agents[{number}]");
        let own = mapping(&place, agent)?;
        agent_of(&place, &with_defaults(own, defaults, hub_context), folder)
    });
    let agents = agents.collect::<Result<_>>()?;
    FleetFile::new(hub, agents)
}

fn wrong(what: impl Into<String>) -> Error {
    Error::usage(what).hint("kubectl promfed apply --schema   (prints what a fleet file can say)")
}

/// Version and kind, and nothing that is unknown.
fn head(file: &Map<String, Value>) -> Result<()> {
    for key in file.keys() {
        if !KEYS.contains(&key.as_str()) {
            return Err(unknown("", key, &KEYS));
        }
    }
    for (key, expected) in [("apiVersion", API_VERSION), ("kind", FLEET_FILE)] {
        match file.get(key) {
            Some(Value::String(text)) if text == expected => {}
            Some(other) => return Err(wrong(format!("{key}: it is {other}, and should be {expected}"))),
            None => return Err(wrong(format!("{key} is missing: it should be {expected}"))),
        }
    }
    Ok(())
}

fn unknown(place: &str, key: &str, known: &[&str]) -> Error {
    let place = if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
    let error = wrong(format!("{place}: nothing of this name can be set"));
    match nearest(key, known) {
        Some(near) => error.hint(format!("did you mean {near}?")),
        None => error,
    }
}

fn mapping<'v>(place: &str, value: &'v Value) -> Result<&'v Map<String, Value>> {
    value.as_object().ok_or_else(|| wrong(format!("{place}: it is not a mapping")))
}

/// An agent's entry over what holds for all. It joins the hub of the file, unless it names another way.
fn with_defaults(
    own: &Map<String, Value>,
    defaults: &Map<String, Value>,
    hub: Option<&str>,
) -> Map<String, Value> {
    let mut all = defaults.clone();
    all.extend(own.clone());
    if let Some(hub) = hub
        && !all.contains_key("hubContext")
        && !["from", "hubType"].iter().any(|key| all.contains_key(*key))
    {
        all.insert("hubContext".to_owned(), hub.into());
    }
    all
}

fn hub_of(entry: &Map<String, Value>, folder: &Path) -> Result<Declared<crate::cli::HubInit>> {
    let Cli { connection, command, .. } = parsed(Part::Hub, "hub", entry, folder)?;
    match command {
        Command::Hub(HubCommand::Init(args)) => {
            Ok(Declared { place: "hub".to_owned(), connection, args: *args })
        }
        _ => Err(wrong("hub: it is no hub")),
    }
}

fn agent_of(place: &str, entry: &Map<String, Value>, folder: &Path) -> Result<Declared<AgentJoin>> {
    let Cli { connection, command, .. } = parsed(Part::Agent, place, entry, folder)?;
    match command {
        Command::Agent(AgentCommand::Join(args)) => {
            Ok(Declared { place: place.to_owned(), connection, args: *args })
        }
        _ => Err(wrong(format!("{place}: it is no agent"))),
    }
}

fn known(part: Part, place: &str, entry: &Map<String, Value>) -> Result<Vec<Setting>> {
    let settings = part.settings();
    let keys: Vec<&str> = settings.iter().map(|setting| setting.key.as_str()).collect();
    match entry.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(unknown(place, key, &keys)),
        None => Ok(settings),
    }
}

/// An entry as the command line that says the same.
fn parsed(part: Part, place: &str, entry: &Map<String, Value>, folder: &Path) -> Result<Cli> {
    let settings = known(part, place, entry)?;
    let context = entry.get("context").and_then(Value::as_str);
    if context.is_none_or(str::is_empty) {
        return Err(wrong(format!("{place}.context is missing: whatever is declared needs one")));
    }
    let mut line = vec!["kubectl-promfed".to_owned()];
    line.extend(part.command().map(str::to_owned));
    for setting in &settings {
        let Some(value) = entry.get(&setting.key).filter(|value| !value.is_null()) else { continue };
        line.extend(
            setting.args(value, folder).map_err(|why| wrong(format!("{place}.{}: {why}", setting.key)))?,
        );
    }
    Cli::try_parse_from(line).map_err(|error| refused(place, &settings, &error))
}

impl Setting {
    /// The arguments that say the same.
    fn args(&self, value: &Value, folder: &Path) -> Result<Vec<String>, String> {
        let flag = &self.flag;
        let with = |text: String| vec![format!("--{flag}={text}")];
        match self.shape {
            Shape::Switch => match value {
                Value::Bool(true) => Ok(vec![format!("--{flag}")]),
                Value::Bool(false) => Ok(Vec::new()),
                _ => Err("it is neither true nor false".to_owned()),
            },
            Shape::Text => text(value).map(with),
            Shape::File => text(value).map(|path| with(folder.join(path).display().to_string())),
            Shape::Texts => {
                let all = value.as_array().ok_or("it is not a list")?;
                all.iter().map(|one| text(one).map(|text| format!("--{flag}={text}"))).collect()
            }
        }
    }
}

fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err("it is no text".to_owned()),
    }
}

/// What clap says of a command line, said of the entry that it came from.
fn refused(place: &str, settings: &[Setting], error: &clap::Error) -> Error {
    // Of several that would do, clap shows `<--a <NAME>|--b <NAME>>`.
    let key = |shown: &str| {
        let flags = shown.trim_start_matches('<').split('|').filter_map(|one| one.split([' ', '=']).next());
        let keys = flags.filter_map(|flag| {
            let flag = flag.trim_start_matches("--");
            settings.iter().find(|setting| setting.flag == flag).map(|setting| setting.key.as_str())
        });
        let keys: Vec<_> = keys.collect();
        if keys.is_empty() { shown.to_owned() } else { keys.join(" or ") }
    };
    let keys = |kind| match error.get(kind) {
        Some(ContextValue::String(one)) => vec![key(one)],
        Some(ContextValue::Strings(all)) => all.iter().map(|one| key(one)).collect(),
        _ => Vec::new(),
    };
    let (which, others) = (keys(ContextKind::InvalidArg).join(", "), keys(ContextKind::PriorArg).join(", "));
    let value = match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) => hidden(value),
        _ => String::new(),
    };
    let words = || {
        let text = error.render().to_string();
        let first = text.lines().next().unwrap_or_default();
        hidden(first.trim_start_matches("error: "))
    };
    match error.kind() {
        ErrorKind::MissingRequiredArgument => wrong(format!("{place} lacks {which}")),
        ErrorKind::ArgumentConflict if !others.is_empty() => {
            wrong(format!("{place}.{which}: it cannot be together with {others}"))
        }
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => {
            let why = std::error::Error::source(error).map(|why| hidden(&why.to_string()));
            let choices = settings.iter().find(|setting| setting.key == which);
            let choices = choices.map(|setting| setting.choices.join(", ")).unwrap_or_default();
            let why = why.unwrap_or_else(|| format!("there are {choices}"));
            wrong(format!("{place}.{which}: {value:?} cannot be")).because(why)
        }
        _ => wrong(format!("{place}: {}", words())),
    }
}

/// One cluster is one entry, and a name is one cluster's.
pub(super) fn each_once(file: &FleetFile) -> Result<()> {
    if file.hub.is_none() && file.agents.is_empty() {
        return Err(wrong("it declares neither a hub nor agents"));
    }
    let hub = file.hub.iter().map(|hub| (&hub.place, hub.context(), hub.args.cluster_name.as_ref()));
    let agents =
        file.agents.iter().map(|agent| (&agent.place, agent.context(), agent.args.cluster_name.as_ref()));
    let (mut contexts, mut names) = (BTreeMap::new(), BTreeMap::new());
    for (place, context, name) in hub.chain(agents) {
        if let Some(other) = contexts.insert(context, place) {
            return Err(wrong(format!("{place}.context: {context:?} is that of {other} already")));
        }
        let Some(name) = name else { continue };
        if let Some(other) = names.insert(name.as_str(), place) {
            let name = name.as_str();
            return Err(wrong(format!("{place}.clusterName: {name:?} is that of {other} already"))
                .because("two clusters of one name overwrite each other's samples at the hub"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "apiVersion: promfed.dev/v1alpha1\nkind: Fleet\n";

    fn file(text: &str) -> Result<FleetFile> {
        read(&format!("{HEAD}{text}"), Path::new("/fleet"))
    }

    fn why(text: &str) -> String {
        file(text).expect_err("a refusal").lines()
    }

    const BOTH: &str = "
hub: {context: admin@hub, clusterName: hub, fqdn: prometheus.hub.test, retention: 42d, withRules: true}
agentDefaults: {storage: 5Gi, caFile: hub.pem, headers: ['X-Scope-OrgID: a']}
agents:
- {context: admin@one, clusterName: one}
- {context: admin@two, clusterName: two, storage: 9Gi, hubContext: other, namespace: packages}
";

    #[test]
    fn an_entry_is_what_its_command_line_would_be() {
        let file = file(BOTH).expect("a fleet");
        let hub = file.hub.expect("a hub");
        assert_eq!((hub.context(), hub.args.with_rules), ("admin@hub", true));
        assert_eq!(hub.args.fqdn.expect("a name").as_str(), "prometheus.hub.test");
        let [one, two] = &file.agents[..] else { panic!("two agents") };
        assert_eq!(one.context(), "admin@one");
        assert_eq!(one.args.hub.hub_context.as_deref(), Some("admin@hub"));
        assert_eq!(one.args.ca_file.as_deref(), Some(Path::new("/fleet/hub.pem")));
        assert_eq!(one.args.login.headers.len(), 1);
        assert_eq!(one.args.storage.as_ref().map(ToString::to_string).as_deref(), Some("5Gi"));
        assert_eq!(two.args.storage.as_ref().map(ToString::to_string).as_deref(), Some("9Gi"));
        assert_eq!(two.args.hub.hub_context.as_deref(), Some("other"));
        assert_eq!(two.connection.namespace.as_deref(), Some("packages"));
    }

    #[test]
    fn an_agent_may_write_to_what_is_no_hub_of_the_file() {
        let text = "hub: {context: a, clusterName: a}\nagents: [{context: b, clusterName: b, hubUrl: 'https://m.test/api/v1/push', hubType: mimir, tenant: t}]";
        let file = file(text).expect("a fleet");
        assert_eq!(file.agents[0].args.hub.hub_context, None);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let wrong = [
            "",
            "agents: []",
            "hub: {context: a}",
            "hub: {clusterName: a}",
            "agents: [{context: a, clusterName: b}]",
            "hub: {context: a, clusterName: Not A Name}",
            "hub: {context: a, clusterName: b, auth: oauth}",
            "hub: {context: a, clusterName: b, undo: true}",
            "hub: {context: a, clusterName: b, withRules: maybe}",
            "hub: {context: a, clusterName: b, fqdn: x.test, noIngress: true}",
            "agentDefaults: {storge: 5Gi}",
            "agents: [{context: a, clusterName: b, hubContext: h}, {context: a, clusterName: c, hubContext: h}]",
            "agents: [{context: a, clusterName: b, hubContext: h}, {context: c, clusterName: b, hubContext: h}]",
            "agents: [{context: a, clusterName: b, hubUrl: 'https://me:hunter2@hub.test'}]",
            "hubs: {}",
        ];
        let told: Vec<_> = wrong.iter().map(|text| why(text)).collect();
        let told = told
            .join("\n")
            .replace("hint: kubectl promfed apply --schema   (prints what a fleet file can say)\n", "");
        assert!(!told.contains("hunter2"), "{told}");
        insta::assert_snapshot!(told, @r#"
        error: it declares neither a hub nor agents

        error: it declares neither a hub nor agents

        error: hub lacks clusterName

        error: hub.context is missing: whatever is declared needs one

        error: agents[0] lacks hubContext or hubUrl or from

        error: hub.clusterName: "Not A Name" cannot be
        caused by: a cluster name is 1 to 63 letters, digits, '-', '_' or '.', beginning and ending with a letter or a digit

        error: hub.auth: "oauth" cannot be
        caused by: there are mtls, none

        error: hub.undo: nothing of this name can be set

        error: hub.withRules: it is neither true nor false

        error: hub.fqdn: it cannot be together with noIngress

        error: agentDefaults.storge: nothing of this name can be set
        hint: did you mean storage?

        error: agents[1].context: "a" is that of agents[0] already

        error: agents[1].clusterName: "b" is that of agents[0] already
        caused by: two clusters of one name overwrite each other's samples at the hub

        error: agents[0].hubUrl: "https://me:<masked>@hub.test" cannot be
        caused by: a write URL carries no user name or password

        error: hubs: nothing of this name can be set
        hint: did you mean hub?
        "#);
    }

    #[test]
    fn another_version_is_not_guessed_at() {
        let error = read("apiVersion: promfed.dev/v9\nkind: Fleet\n", Path::new("")).expect_err("a refusal");
        assert_eq!(error.what, "apiVersion: it is \"promfed.dev/v9\", and should be promfed.dev/v1alpha1");
    }
}
