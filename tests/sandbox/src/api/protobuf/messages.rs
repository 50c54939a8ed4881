//! The messages that kubectl sends: the numbers and the names of their fields.

/// What a field holds.
#[derive(Debug)]
pub(super) enum Form {
    Text,
    /// Bytes, which JSON writes in base64.
    Binary,
    Number,
    Truth,
    Time,
    NumberOrText,
    Message(&'static [Field]),
    Each(&'static Form),
    Map(&'static Form),
    /// A field for which zero and false say something else than nothing.
    Kept(&'static Form),
    /// Not read: what the server sets itself.
    Skipped,
}

/// The number, the name, and what it holds.
pub(super) type Field = (u64, &'static str, Form);

const TEXTS: Form = Form::Each(&Form::Text);
const LABELS: Form = Form::Map(&Form::Text);
const META: Field = (1, "metadata", Form::Message(METADATA));

const METADATA: &[Field] = &[
    (1, "name", Form::Text),
    (2, "generateName", Form::Text),
    (3, "namespace", Form::Text),
    (4, "selfLink", Form::Text),
    (5, "uid", Form::Text),
    (6, "resourceVersion", Form::Text),
    (7, "generation", Form::Skipped),
    (8, "creationTimestamp", Form::Time),
    (9, "deletionTimestamp", Form::Time),
    (10, "deletionGracePeriodSeconds", Form::Number),
    (11, "labels", LABELS),
    (12, "annotations", LABELS),
    (13, "ownerReferences", Form::Each(&Form::Message(OWNER))),
    (14, "finalizers", TEXTS),
    (17, "managedFields", Form::Skipped),
];

const OWNER: &[Field] = &[
    (1, "kind", Form::Text),
    (3, "name", Form::Text),
    (4, "uid", Form::Text),
    (5, "apiVersion", Form::Text),
    (6, "controller", Form::Kept(&Form::Truth)),
    (7, "blockOwnerDeletion", Form::Kept(&Form::Truth)),
];

const NAMED: &[Field] = &[(1, "name", Form::Text)];

const REFERENCE: &[Field] = &[
    (1, "kind", Form::Text),
    (2, "namespace", Form::Text),
    (3, "name", Form::Text),
    (4, "uid", Form::Text),
    (5, "apiVersion", Form::Text),
    (6, "resourceVersion", Form::Text),
    (7, "fieldPath", Form::Text),
];

const RULE: &[Field] = &[
    (1, "verbs", TEXTS),
    (2, "apiGroups", TEXTS),
    (3, "resources", TEXTS),
    (4, "resourceNames", TEXTS),
    (5, "nonResourceURLs", TEXTS),
];

const SUBJECT: &[Field] = &[
    (1, "kind", Form::Text),
    (2, "apiGroup", Form::Text),
    (3, "name", Form::Text),
    (4, "namespace", Form::Text),
];

const ROLE_REF: &[Field] = &[(1, "apiGroup", Form::Text), (2, "kind", Form::Text), (3, "name", Form::Text)];

const ROLE: &[Field] = &[META, (2, "rules", Form::Each(&Form::Message(RULE)))];

const BINDING: &[Field] =
    &[META, (2, "subjects", Form::Each(&Form::Message(SUBJECT))), (3, "roleRef", Form::Message(ROLE_REF))];

const RESOURCE_ATTRIBUTES: &[Field] = &[
    (1, "namespace", Form::Text),
    (2, "verb", Form::Text),
    (3, "group", Form::Text),
    (4, "version", Form::Text),
    (5, "resource", Form::Text),
    (6, "subresource", Form::Text),
    (7, "name", Form::Text),
];

const PATH_ATTRIBUTES: &[Field] = &[(1, "path", Form::Text), (2, "verb", Form::Text)];

const ACCESS: &[Field] = &[
    (1, "resourceAttributes", Form::Message(RESOURCE_ATTRIBUTES)),
    (2, "nonResourceAttributes", Form::Message(PATH_ATTRIBUTES)),
    (3, "user", Form::Text),
    (4, "groups", TEXTS),
    (6, "uid", Form::Text),
];

const ACCESS_REVIEW: &[Field] = &[META, (2, "spec", Form::Message(ACCESS)), (3, "status", Form::Skipped)];

const TOKEN: &[Field] = &[
    (1, "audiences", TEXTS),
    (
        3,
        "boundObjectRef",
        Form::Message(&[
            (1, "kind", Form::Text),
            (2, "apiVersion", Form::Text),
            (3, "name", Form::Text),
            (4, "uid", Form::Text),
        ]),
    ),
    (4, "expirationSeconds", Form::Kept(&Form::Number)),
];

const PORT: &[Field] = &[
    (1, "name", Form::Text),
    (2, "hostPort", Form::Number),
    (3, "containerPort", Form::Number),
    (4, "protocol", Form::Text),
    (5, "hostIP", Form::Text),
];

const ENV: &[Field] = &[(1, "name", Form::Text), (2, "value", Form::Text)];

const CONTAINER: &[Field] = &[
    (1, "name", Form::Text),
    (2, "image", Form::Text),
    (3, "command", TEXTS),
    (4, "args", TEXTS),
    (5, "workingDir", Form::Text),
    (6, "ports", Form::Each(&Form::Message(PORT))),
    (7, "env", Form::Each(&Form::Message(ENV))),
    (8, "resources", Form::Message(&[])),
    (13, "terminationMessagePath", Form::Text),
    (14, "imagePullPolicy", Form::Text),
    (16, "stdin", Form::Truth),
    (17, "stdinOnce", Form::Truth),
    (18, "tty", Form::Truth),
    (20, "terminationMessagePolicy", Form::Text),
];

const POD: &[Field] = &[
    (2, "containers", Form::Each(&Form::Message(CONTAINER))),
    (3, "restartPolicy", Form::Text),
    (4, "terminationGracePeriodSeconds", Form::Kept(&Form::Number)),
    (6, "dnsPolicy", Form::Text),
    (7, "nodeSelector", LABELS),
    (8, "serviceAccountName", Form::Text),
    (9, "serviceAccount", Form::Text),
    (10, "nodeName", Form::Text),
    (11, "hostNetwork", Form::Truth),
    (12, "hostPID", Form::Truth),
    (13, "hostIPC", Form::Truth),
    (16, "hostname", Form::Text),
    (17, "subdomain", Form::Text),
    (19, "schedulerName", Form::Text),
    (24, "priorityClassName", Form::Text),
];

const DEPLOYMENT: &[Field] = &[
    (1, "replicas", Form::Kept(&Form::Number)),
    (2, "selector", Form::Message(&[(1, "matchLabels", LABELS)])),
    (3, "template", Form::Message(&[META, (2, "spec", Form::Message(POD))])),
    (4, "strategy", Form::Message(&[(1, "type", Form::Text)])),
    (5, "minReadySeconds", Form::Number),
    (6, "revisionHistoryLimit", Form::Kept(&Form::Number)),
    (7, "paused", Form::Truth),
    (9, "progressDeadlineSeconds", Form::Kept(&Form::Number)),
];

const SERVICE_PORT: &[Field] = &[
    (1, "name", Form::Text),
    (2, "protocol", Form::Text),
    (3, "port", Form::Number),
    (4, "targetPort", Form::NumberOrText),
    (5, "nodePort", Form::Number),
    (6, "appProtocol", Form::Text),
];

const SERVICE: &[Field] = &[
    (1, "ports", Form::Each(&Form::Message(SERVICE_PORT))),
    (2, "selector", LABELS),
    (3, "clusterIP", Form::Text),
    (4, "type", Form::Text),
    (5, "externalIPs", TEXTS),
    (7, "sessionAffinity", Form::Text),
    (8, "loadBalancerIP", Form::Text),
    (10, "externalName", Form::Text),
    (11, "externalTrafficPolicy", Form::Text),
    (12, "healthCheckNodePort", Form::Skipped),
    (13, "publishNotReadyAddresses", Form::Truth),
];

const DELETE: &[Field] = &[
    (1, "gracePeriodSeconds", Form::Kept(&Form::Number)),
    (2, "preconditions", Form::Message(&[(1, "uid", Form::Text), (2, "resourceVersion", Form::Text)])),
    (3, "orphanDependents", Form::Truth),
    (4, "propagationPolicy", Form::Text),
    (5, "dryRun", TEXTS),
];

/// The fields of a kind; `None` when kubectl is not known to send it in protobuf.
pub(super) fn of(kind: &str) -> Option<&'static [Field]> {
    Some(match kind {
        "Namespace" => {
            &[META, (2, "spec", Form::Message(&[(1, "finalizers", TEXTS)])), (3, "status", Form::Skipped)]
        }
        "Secret" => &[
            META,
            (2, "data", Form::Map(&Form::Binary)),
            (3, "type", Form::Text),
            (4, "stringData", LABELS),
            (5, "immutable", Form::Truth),
        ],
        "ConfigMap" => &[
            META,
            (2, "data", LABELS),
            (3, "binaryData", Form::Map(&Form::Binary)),
            (4, "immutable", Form::Truth),
        ],
        "ServiceAccount" => &[
            META,
            (2, "secrets", Form::Each(&Form::Message(REFERENCE))),
            (3, "imagePullSecrets", Form::Each(&Form::Message(NAMED))),
            (4, "automountServiceAccountToken", Form::Kept(&Form::Truth)),
        ],
        "Role" | "ClusterRole" => ROLE,
        "RoleBinding" | "ClusterRoleBinding" => BINDING,
        "SelfSubjectAccessReview" | "SubjectAccessReview" | "LocalSubjectAccessReview" => ACCESS_REVIEW,
        "SelfSubjectRulesReview" => {
            &[META, (2, "spec", Form::Message(&[(1, "namespace", Form::Text)])), (3, "status", Form::Skipped)]
        }
        "SelfSubjectReview" => &[META, (2, "status", Form::Skipped)],
        "TokenReview" => &[
            META,
            (2, "spec", Form::Message(&[(1, "token", Form::Text), (2, "audiences", TEXTS)])),
            (3, "status", Form::Skipped),
        ],
        "TokenRequest" => &[META, (2, "spec", Form::Message(TOKEN)), (3, "status", Form::Skipped)],
        "Pod" => &[META, (2, "spec", Form::Message(POD)), (3, "status", Form::Skipped)],
        "Deployment" => &[META, (2, "spec", Form::Message(DEPLOYMENT)), (3, "status", Form::Skipped)],
        "Service" => &[META, (2, "spec", Form::Message(SERVICE)), (3, "status", Form::Skipped)],
        "Scale" => &[
            META,
            (2, "spec", Form::Message(&[(1, "replicas", Form::Kept(&Form::Number))])),
            (3, "status", Form::Skipped),
        ],
        "DeleteOptions" => DELETE,
        _ => return None,
    })
}
