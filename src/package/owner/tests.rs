use serde_json::{Value, json};

use super::*;

/// What is said of one object with this metadata.
fn said(kind: &str, name: &str, metadata: &Value) -> Vec<String> {
    let ownership: Ownership = serde_json::from_value(json!({"metadata": metadata})).expect("an object");
    let object = Owned { kind, namespace: Some("tkg-system"), name, ownership: &ownership };
    owners(&[object]).iter().map(Owner::to_string).collect()
}

fn written_by(manager: &str, operation: &str, fields: &Value) -> Value {
    json!({"managedFields": [{
        "manager": manager, "operation": operation, "time": "2024-01-02T03:04:05Z", "fieldsType": "FieldsV1",
        "apiVersion": "v1", "fieldsV1": fields,
    }]})
}

#[test]
fn marks_of_every_tool() {
    let table = [
        (
            json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "monitoring",
                "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}}),
            "Flux (Kustomization flux-system/monitoring), by label kustomize.toolkit.fluxcd.io/name on Secret s",
        ),
        (
            json!({"labels": {"helm.toolkit.fluxcd.io/name": "r", "helm.toolkit.fluxcd.io/namespace": "n",
                "app.kubernetes.io/managed-by": "Helm"}, "annotations": {"meta.helm.sh/release-name": "r"}}),
            "Flux (HelmRelease n/r), by label helm.toolkit.fluxcd.io/name on Secret s",
        ),
        (
            json!({"annotations": {"argocd.argoproj.io/tracking-id": "mon:/Secret:tkg-system/s"}}),
            "Argo CD (Application mon), by annotation argocd.argoproj.io/tracking-id on Secret s",
        ),
        (
            json!({"annotations": {"argocd.argoproj.io/tracking-id": "inst:ns_mon:/Secret:tkg-system/s"}}),
            "Argo CD (Application ns_mon), by annotation argocd.argoproj.io/tracking-id on Secret s",
        ),
        (
            json!({"labels": {"argocd.argoproj.io/instance": "mon"}}),
            "Argo CD (Application mon), by label argocd.argoproj.io/instance on Secret s",
        ),
        (
            json!({"labels": {"app.kubernetes.io/managed-by": "Helm"},
                "annotations": {"meta.helm.sh/release-name": "r", "meta.helm.sh/release-namespace": "n"}}),
            "Helm (release n/r), by annotation meta.helm.sh/release-name on Secret s",
        ),
        (
            json!({"labels": {"tmc.cloud.vmware.com/managed": "true"}}),
            "Tanzu Mission Control, by label tmc.cloud.vmware.com/managed on Secret s",
        ),
        (
            json!({"ownerReferences": [{"apiVersion": "run.tanzu.vmware.com/v1alpha3",
                "kind": "ClusterBootstrap", "name": "c"}]}),
            "the Tanzu add-ons manager (ClusterBootstrap c), by owner reference on Secret s",
        ),
        (
            json!({"labels": {"tkg.tanzu.vmware.com/addon-name": "prometheus",
                "tkg.tanzu.vmware.com/cluster-name": "c"}}),
            "the Tanzu add-ons manager (add-on prometheus), by label tkg.tanzu.vmware.com/addon-name on Secret s",
        ),
        (
            json!({"labels": {"run.tanzu.vmware.com/tkr": "v1"}}),
            "the Tanzu add-ons manager, by label run.tanzu.vmware.com/tkr on Secret s",
        ),
        (
            json!({"labels": {"kapp.k14s.io/app": "163", "kapp.k14s.io/association": "v1.abc"}}),
            "kapp (app 163, association v1.abc), by label kapp.k14s.io/app on Secret s",
        ),
        (
            json!({"ownerReferences": [{"kind": "ExternalSecret", "name": "e", "controller": true}]}),
            "a controller (ExternalSecret e), by owner reference on Secret s",
        ),
    ];
    for (metadata, expected) in table {
        assert_eq!(said("Secret", "s", &metadata), [expected]);
    }
}

#[test]
fn a_secret_of_the_add_ons_is_known_by_its_type() {
    let ownership: Ownership =
        serde_json::from_value(json!({"metadata": {}, "type": "clusterbootstrap-secret"})).expect("a Secret");
    let object = Owned { kind: "Secret", namespace: None, name: "s", ownership: &ownership };
    assert_eq!(owners(&[object])[0].evidence, "type clusterbootstrap-secret");
}

#[test]
fn managers_of_the_fields_that_would_be_written() {
    let data = json!({"f:data": {".": {}, "f:values.yaml": {}}});
    let spec = json!({"f:spec": {"f:packageRef": {"f:refName": {}}}});
    let values = json!({"f:spec": {"f:values": {}}});
    let table = [
        ("Secret", "kustomize-controller", "Apply", &data, "Flux"),
        ("PackageInstall", "helm-controller", "Update", &spec, "Flux"),
        ("Secret", "argocd-controller", "Update", &data, "Argo CD"),
        ("PackageInstall", "argocd-application-controller", "Apply", &values, "Argo CD"),
        ("Secret", "helm", "Update", &data, "Helm"),
        ("Secret", "kapp-server-side-apply", "Apply", &data, "kapp"),
        ("Secret", "pulumi-kubernetes-1", "Apply", &data, "pulumi-kubernetes-1"),
        ("Secret", "occupier", "Apply", &data, "occupier"),
    ];
    for (kind, manager, operation, fields, tool) in table {
        let expected = format!("{tool}, by field manager {manager} on {kind} s");
        assert_eq!(said(kind, "s", &written_by(manager, operation, fields)), [expected]);
    }
}

#[test]
fn what_is_no_evidence() {
    let data = json!({"f:data": {"f:values.yaml": {}}});
    let table = [
        json!({}),
        json!({"labels": {"app.kubernetes.io/instance": "mon"}}),
        json!({"labels": {"app.kubernetes.io/managed-by": "kubectl-promfed"}}),
        // Rendered by `helm template`.
        json!({"labels": {"app.kubernetes.io/managed-by": "Helm"}}),
        json!({"annotations": {"meta.helm.sh/release-name": "r"}}),
        // What kctrl and promfed write themselves.
        json!({"annotations": {"packaging.carvel.dev/package": "p", "tkg.tanzu.vmware.com/tanzu-package": "p"}}),
        json!({"labels": {"tmc.cloud.vmware.com/managed": "false"}}),
        // Of the object that this one was copied from.
        json!({"annotations": {"argocd.argoproj.io/tracking-id": "mon:/Secret:tkg-system/other"}}),
        // Garbage collection only.
        json!({"ownerReferences": [{"kind": "Cluster", "name": "c"}]}),
        written_by("kubectl-client-side-apply", "Update", &data),
        written_by("kubectl", "Apply", &data),
        written_by("kubectl-promfed", "Apply", &data),
        written_by("kctrl", "Apply", &data),
        written_by("before-first-apply", "Apply", &data),
        written_by("Mozilla", "Apply", &data),
        written_by("k9s", "Apply", &data),
        // An update may have been made once.
        written_by("some-operator", "Update", &data),
        // Fields that nobody here writes.
        written_by("some-operator", "Apply", &json!({"f:metadata": {"f:labels": {"f:a": {}}}})),
        written_by("kustomize-controller", "Apply", &json!({"f:metadata": {"f:annotations": {}}})),
    ];
    for metadata in table {
        assert_eq!(said("Secret", "s", &metadata), Vec::<String>::new(), "{metadata}");
    }
    let status = json!({"f:metadata": {"f:finalizers": {}}, "f:status": {}});
    assert_eq!(
        said("PackageInstall", "p", &written_by("kapp-controller", "Update", &status)),
        Vec::<String>::new()
    );
}

#[test]
fn a_status_belongs_to_whoever_reports_it() {
    let mut metadata = written_by("operator", "Apply", &json!({"f:spec": {"f:values": {}}}));
    metadata["managedFields"][0]["subresource"] = json!("status");
    assert_eq!(said("PackageInstall", "p", &metadata), Vec::<String>::new());
}

#[test]
fn a_tool_is_told_once_of_each_object_by_what_tells_the_most() {
    let mut metadata = written_by("kustomize-controller", "Apply", &json!({"f:data": {}}));
    metadata["labels"] = json!({"kustomize.toolkit.fluxcd.io/name": "m", "kapp.k14s.io/app": "1"});
    let all = said("Secret", "s", &metadata);
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all[0], "Flux (Kustomization m), by label kustomize.toolkit.fluxcd.io/name on Secret s");
}

#[test]
fn the_advice_says_where() {
    let owner = |tool, name: Option<&str>| Owner {
        tool,
        object: "Secret s".into(),
        evidence: "label a=b".into(),
        name: name.map(str::to_owned),
    };
    let table = [
        (
            owner(Tool::Flux, Some("Kustomization n/k")),
            "make the change in the repository that Kustomization n/k comes from, or Flux undoes it",
        ),
        (
            owner(Tool::ArgoCd, None),
            "make the change in the repository that the Application comes from, or Argo CD undoes it",
        ),
        (
            owner(Tool::Helm, Some("release n/r")),
            "make the change in the chart values of release n/r, or its next upgrade undoes it",
        ),
        (owner(Tool::Tmc, None), "make the change in Tanzu Mission Control, or it undoes it"),
        (
            owner(Tool::TanzuAddons, Some("ClusterBootstrap c")),
            "make the change on the management cluster, in the values of ClusterBootstrap c, or it is undone",
        ),
        (
            owner(Tool::Kapp, None),
            "make the change in the manifests that the kapp app is deployed from, or its next deploy undoes it",
        ),
        (
            owner(Tool::Controller, Some("ExternalSecret e")),
            "make the change in ExternalSecret e, or its controller undoes it",
        ),
        (
            owner(Tool::Applier("ci".into()), None),
            "make the change where ci takes the object from, or its next apply undoes it",
        ),
    ];
    for (owner, expected) in table {
        assert_eq!(owner.advice(), expected);
    }
}
