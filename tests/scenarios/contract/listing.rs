//! Lists: pages, versions, selectors.

use serde_json::{Value, json};

use super::answer::same;
use super::objects::{PACKAGE_INSTALLS, SECRETS, empty, failure, install, with_metadata};
use super::server::until;
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a list says its kind, and its items do not",
        why: "`Page::into_items` puts the type back where a list leaves it out",
        run: form,
    },
    Case {
        name: "the items of a list of definitions say their kind",
        why: "`Page::into_items` must not overwrite what is there",
        run: custom_form,
    },
    Case {
        name: "an empty list has an empty list of items, and a version",
        why: "`wait_for` watches from the version of a list in which the object is not yet",
        run: nothing,
    },
    Case {
        name: "a list comes in pages, all of the first page's version",
        why: "`Cluster::list` reads pages of 500 until there is no `continue`",
        run: pages,
    },
    Case {
        name: "a page of a selection does not say how many are left",
        why: "kubectl prints `remainingItemCount` where it is there",
        run: pages_of_a_selection,
    },
    Case {
        name: "a `continue` that means nothing is a 400",
        why: "`Cluster::list` begins anew on 410 only: anything else is a failure",
        run: wrong_continue,
    },
    Case {
        name: "a list of version 0 ignores the limit",
        why: "kube's watcher lists with `resourceVersion=0`",
        run: version_zero,
    },
    Case {
        name: "a version that is no number is a 400",
        why: "a version that was mangled on its way must not mean `any`",
        run: version_of_letters,
    },
    Case {
        name: "the version of a list grows with every write",
        why: "a watch from that version must not miss the next change",
        run: version_grows,
    },
    Case {
        name: "labels select",
        why: "`Selector::labels` finds the pods of a package in kubectl's syntax",
        run: labels,
    },
    Case {
        name: "a label selector that cannot be read is a 400 in these words",
        why: "the words are told to whoever wrote the selector",
        run: wrong_labels,
    },
    Case {
        name: "fields select by name and namespace",
        why: "`wait_for` selects one object by `metadata.name`",
        run: fields,
    },
    Case {
        name: "a field that cannot be selected is a 400 that names it",
        why: "`wait_for` would otherwise wait for everything",
        run: wrong_fields,
    },
];

fn labelled(name: &str, labels: Value) -> Value {
    with_metadata(empty(name), "labels", labels)
}

fn form(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &labelled("form", json!({"case": "form"})))?.with(201)?;
    let list = server.get(format!("{}?labelSelector=case%3Dform", server.path(&SECRETS)))?;
    list.is(
        200,
        &json!({
            "kind": "SecretList", "apiVersion": "v1", "metadata": {"resourceVersion": "<any>"},
            "items": [{"metadata": "<any>", "type": "Opaque"}],
        }),
    )?;
    Ok(())
}

fn custom_form(server: &Server) -> Held {
    server.post(server.path(&PACKAGE_INSTALLS), &install("form"))?.with(201)?;
    let list =
        server.get(format!("{}?fieldSelector=metadata.name%3Dform", server.path(&PACKAGE_INSTALLS)))?;
    let item = json!({"kind": "PackageInstall", "apiVersion": "packaging.carvel.dev/v1alpha1"});
    list.has(
        200,
        &json!({
            "kind": "PackageInstallList", "apiVersion": "packaging.carvel.dev/v1alpha1",
            "metadata": {"resourceVersion": "<any>", "continue": ""}, "items": [item],
        }),
    )?;
    Ok(())
}

fn nothing(server: &Server) -> Held {
    let list = server.get(format!("{}?fieldSelector=metadata.name%3Dnobody", server.path(&SECRETS)))?;
    list.is(
        200,
        &json!({"kind": "SecretList", "apiVersion": "v1", "metadata": {"resourceVersion": "<any>"}, "items": []}),
    )?;
    Ok(())
}

fn pages(server: &Server) -> Held {
    let place = SECRETS.path(&own_namespace(server, "pages")?);
    for name in ["a", "b", "c"] {
        server.post(&*place, &empty(name))?.with(201)?;
    }
    let first = server.get(format!("{place}?limit=2"))?;
    let first = first.has(200, &json!({"metadata": {"continue": "<any>", "remainingItemCount": 1}}))?;
    same("the first page", &json!(["a", "b"]), &json!(first.names()))?;
    server.post(&*place, &empty("bb"))?.with(201)?;
    let more = first.text("/metadata/continue")?;
    let second = server.get(format!("{place}?limit=2&continue={more}"))?.with(200)?;
    let gone = json!({"metadata": {"continue": null, "remainingItemCount": null}});
    let second = second.has(200, &gone)?;
    same("the second page, without what came later", &json!(["c"]), &json!(second.names()))?;
    same("the version of the second page", &json!(first.version()?), &json!(second.version()?))
}

fn pages_of_a_selection(server: &Server) -> Held {
    for name in ["selected-a", "selected-b"] {
        server.post(server.path(&SECRETS), &labelled(name, json!({"case": "selected"})))?.with(201)?;
    }
    let list = server.get(format!("{}?limit=1&labelSelector=case%3Dselected", server.path(&SECRETS)))?;
    list.has(200, &json!({"metadata": {"continue": "<any>", "remainingItemCount": null}}))?;
    Ok(())
}

fn wrong_continue(server: &Server) -> Held {
    let list = server.get(format!("{}?limit=1&continue=nonsense", server.path(&SECRETS)))?;
    let message = "invalid continue token: continue key is not valid: <any>";
    list.is(400, &failure(400, "BadRequest", message))?;
    Ok(())
}

fn version_zero(server: &Server) -> Held {
    let place = SECRETS.path(&own_namespace(server, "zero")?);
    for name in ["a", "b"] {
        server.post(&*place, &empty(name))?.with(201)?;
    }
    // What comes from the cache may be a little behind.
    until("both are in the list", || {
        let list = server.get(format!("{place}?limit=1&resourceVersion=0"))?;
        let list = list.has(200, &json!({"metadata": {"continue": null}}))?;
        same("the list", &json!(["a", "b"]), &json!(list.names()))
    })
}

fn version_of_letters(server: &Server) -> Held {
    let list = server.get(format!("{}?resourceVersion=abc", server.path(&SECRETS)))?;
    let message = "invalid resource version: resourceVersion: Invalid value: \"abc\": \
                   strconv.ParseUint: parsing \"abc\": invalid syntax";
    list.is(400, &failure(400, "BadRequest", message))?;
    Ok(())
}

fn version_grows(server: &Server) -> Held {
    let version = |list: String| list.parse::<u64>().map_err(|error| error.to_string());
    let before = version(server.get(server.path(&SECRETS))?.version()?)?;
    let object = version(server.post(server.path(&SECRETS), &empty("grows"))?.with(201)?.version()?)?;
    let after = version(server.get(server.path(&SECRETS))?.version()?)?;
    if before < object && object <= after { Ok(()) } else { Err(format!("{before}, {object}, {after}")) }
}

fn labels(server: &Server) -> Held {
    for (name, labels) in [
        ("label-a", json!({"case": "labels", "app": "prometheus", "tier": "1"})),
        ("label-b", json!({"case": "labels", "app": "node-exporter"})),
        ("label-c", json!({"case": "labels", "app": "prometheus"})),
    ] {
        server.post(server.path(&SECRETS), &labelled(name, labels))?.with(201)?;
    }
    for (selector, names) in [
        ("case%3Dlabels,app%3Dprometheus", json!(["label-a", "label-c"])),
        ("case%3D%3Dlabels,app!%3Dprometheus", json!(["label-b"])),
        ("case%3Dlabels,tier", json!(["label-a"])),
        ("case%3Dlabels,!tier", json!(["label-b", "label-c"])),
        ("case%3Dlabels,app%20in%20(node-exporter,%20x)", json!(["label-b"])),
        ("case%3Dlabels,app%20notin%20(prometheus),tier!%3D1", json!(["label-b"])),
    ] {
        let list = server.get(format!("{}?labelSelector={selector}", server.path(&SECRETS)))?.with(200)?;
        same(selector, &names, &json!(list.names()))?;
    }
    Ok(())
}

fn wrong_labels(server: &Server) -> Held {
    for (selector, message) in [
        ("a%20b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a%3D%3D%3D", "unable to parse requirement: found '=', expected: identifier"),
    ] {
        let list = server.get(format!("{}?labelSelector={selector}", server.path(&SECRETS)))?;
        list.is(400, &failure(400, "BadRequest", message))?;
    }
    Ok(())
}

fn fields(server: &Server) -> Held {
    for name in ["field-a", "field-b"] {
        server.post(server.path(&SECRETS), &empty(name))?.with(201)?;
    }
    let one =
        server.get(format!("{}?fieldSelector=metadata.name%3Dfield-a", server.path(&SECRETS)))?.with(200)?;
    same("one by its name", &json!(["field-a"]), &json!(one.names()))?;
    let place = SECRETS.everywhere();
    let selector = format!("metadata.name%3Dfield-b,metadata.namespace%3D{}", server.namespace());
    let one = server.get(format!("{place}?fieldSelector={selector}"))?.with(200)?;
    same("one by its name and namespace", &json!(["field-b"]), &json!(one.names()))
}

fn wrong_fields(server: &Server) -> Held {
    for place in [&SECRETS, &PACKAGE_INSTALLS] {
        let list = server.get(format!("{}?fieldSelector=spec.nothing%3Dx", server.path(place)))?;
        list.is(400, &failure(400, "BadRequest", "field label not supported: spec.nothing"))?;
    }
    let list = server.get(format!("{}?fieldSelector=abc", server.path(&SECRETS)))?;
    list.is(400, &failure(400, "BadRequest", "invalid selector: 'abc'; can't understand 'abc'"))?;
    Ok(())
}

/// A namespace in which nothing else is.
fn own_namespace(server: &Server, name: &str) -> Result<String, String> {
    use super::objects::NAMESPACES;
    let name = server.own_name(&NAMESPACES, name);
    server.post(NAMESPACES.everywhere(), &json!({"metadata": {"name": name}}))?.with(201)?;
    Ok(name)
}
