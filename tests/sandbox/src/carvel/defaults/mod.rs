//! The values that the packages run with when a user sets nothing: two files, and the namespace put in.

use serde_json::{Value, json};

const VALUES: &str = include_str!("values.yaml");
const CONFIG: &str = include_str!("prometheus.yml");

/// The default values of a package that deploys to this namespace.
pub(crate) fn values(namespace: &str) -> Value {
    let mut values: Value = serde_yaml::from_str(&VALUES.replace("NAMESPACE", namespace)).unwrap_or_default();
    values["prometheus"]["config"]["prometheus_yml"] = json!(CONFIG.replace("NAMESPACE", namespace));
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_are_yaml() {
        let values = values("monitoring");
        assert_eq!(values["namespace"], "monitoring");
        let config = values["prometheus"]["config"]["prometheus_yml"].as_str().unwrap();
        let config: Value = serde_yaml::from_str(config).unwrap();
        assert_eq!(config["scrape_configs"][2]["job_name"], "node-exporter");
        assert!(!config.to_string().contains("cluster\""));
    }
}
