//! Two hours of two clusters that have everything in common but their numbers and where their pods run.

use std::fmt::Write as _;

/// The last moment, in seconds since 1970.
pub(super) const NOW: u32 = 1_700_007_200;
const STEP: u32 = 60;
const SAMPLES: u32 = 120;

/// A series without its cluster, and by how much it grows with each sample; 0 for what stays.
type Series = (String, u32);

/// The samples of some clusters, with the label that tells them apart or without it.
pub(super) fn samples(clusters: &[u32], labelled: bool) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for cluster in clusters {
        for (at, (series, growth)) in (1..).zip(series(*cluster)) {
            let (name, labels) = series.split_once('{').expect("labels");
            let own = if labelled { format!("cluster=\"{}\",", name_of(*cluster)) } else { String::new() };
            let mut text = String::new();
            for sample in 0..=SAMPLES {
                let value = (at + 7 * cluster) * (growth * sample + u32::from(growth == 0));
                let time = NOW - (SAMPLES - sample) * STEP;
                writeln!(text, "{name}{{{own}{labels} {value} {time}").expect("a line");
            }
            lines.push((name.to_owned(), text));
        }
    }
    // All series of a name stand together.
    lines.sort_by(|(name, _), (other, _)| name.cmp(other));
    let text: String = lines.into_iter().map(|(_, text)| text).collect();
    text + "# EOF\n"
}

pub(super) fn name_of(cluster: u32) -> &'static str {
    if cluster == 1 { "one" } else { "two" }
}

fn series(cluster: u32) -> Vec<Series> {
    let mut all: Vec<Series> = Vec::new();
    let mut add = |growth: u32, text: String| all.push((text, growth));
    for (at, (namespace, pod)) in
        [("kube-system", "a-0"), ("shop", "b-0"), ("shop", "b-1")].into_iter().enumerate()
    {
        let of = format!("namespace=\"{namespace}\",pod=\"{pod}\"");
        // A pod of the same name runs on another node of the other cluster.
        let node = if (at + usize::from(cluster == 1)).is_multiple_of(2) { "n1" } else { "n2" };
        add(0, format!("kube_pod_info{{{of},node=\"{node}\",created_by_name=\"set-{cluster}\"}}"));
        add(3, format!("container_cpu_usage_seconds_total{{{of},container=\"c\"}}"));
        add(0, format!("container_memory_working_set_bytes{{{of},container=\"c\"}}"));
        add(0, format!("kube_pod_container_resource_requests{{{of},container=\"c\",resource=\"cpu\"}}"));
        let phase = if cluster == 1 { "Pending" } else { "Running" };
        add(0, format!("kube_pod_status_phase{{{of},phase=\"{phase}\"}}"));
        add(
            1,
            format!(
                "kube_deployment_status_observed_generation{{namespace=\"{namespace}\",deployment=\"{pod}\"}}"
            ),
        );
    }
    for namespace in ["kube-system", "shop"] {
        add(0, format!("kube_namespace_created{{namespace=\"{namespace}\"}}"));
    }
    add(0, "kube_pod_completion_time{namespace=\"shop\",pod=\"b-1\"}".to_owned());
    for node in ["n1", "n2"] {
        let of = format!("instance=\"{node}:9100\",job=\"node\"");
        for (cpu, mode) in [("0", "idle"), ("0", "user"), ("1", "idle"), ("1", "user")] {
            add(2, format!("node_cpu_seconds_total{{{of},cpu=\"{cpu}\",mode=\"{mode}\"}}"));
        }
        for name in ["node_load1", "node_boot_time_seconds"] {
            add(0, format!("{name}{{{of}}}"));
        }
        add(0, format!("node_uname_info{{{of},nodename=\"{node}-{cluster}\"}}"));
        add(2, format!("node_filesystem_avail_bytes{{{of},device=\"sda\",mountpoint=\"/\"}}"));
        add(0, format!("node_filesystem_size_bytes{{{of},device=\"sda\",mountpoint=\"/\"}}"));
        for (name, growth) in [("up", 0), ("scrape_duration_seconds", 0), ("scrape_samples_scraped", 0)] {
            add(growth, format!("{name}{{{of}}}"));
        }
    }
    for verb in ["GET", "LIST"] {
        for le in ["0.1", "1", "+Inf"] {
            add(5, format!("apiserver_request_duration_seconds_bucket{{verb=\"{verb}\",le=\"{le}\"}}"));
        }
        for name in ["apiserver_request_duration_seconds_sum", "apiserver_request_duration_seconds_count"] {
            add(5, format!("{name}{{verb=\"{verb}\"}}"));
        }
        for code in ["200", "500"] {
            add(4, format!("apiserver_request_total{{verb=\"{verb}\",code=\"{code}\"}}"));
        }
        add(0, format!("verb:apiserver_request:rate5m{{verb=\"{verb}\"}}"));
    }
    all
}
