import assert from "node:assert/strict";
import { compiledProgram } from "../../../contracts/compiled-program.ts";
import { type Acceptance, judge } from "../../../operations/security-scan/accepted.ts";
import { policyFindings } from "../../../operations/security-scan/access.ts";
import { imageFindings } from "../../../operations/security-scan/image.ts";
import {
  declarationFindings,
  manifestFindings,
} from "../../../operations/security-scan/kubernetes.ts";
import { auditLook } from "../../../operations/security-scan/packages.ts";
import { programFindings } from "../../../operations/security-scan/programs.ts";
import { secretsIn } from "../../../operations/security-scan/secret-forms.ts";
import { workflowFindings } from "../../../operations/security-scan/workflows.ts";

const rulesOf = (findings: readonly { readonly rule: string }[]) =>
  findings.map(({ rule }) => rule);
/** Put together, so that this file is no finding itself. */
const fake = (...parts: string[]) => parts.join("");

describe("the forms of secrets", () => {
  const secrets: Readonly<Record<string, string>> = {
    "an Aleo private key": fake("APrivate", "Key1zkp", "A".repeat(44)),
    "an Aleo view key": fake("AView", "Key1", "B".repeat(44)),
    "an AWS access key": fake("AKIA", "ABCDEFGHIJKLMNOP"),
    "an AWS secret key": fake(
      "aws_secret_access_",
      "key = ",
      "aB1/cD2+eF3/gH4+iJ5/",
      "kL6+mN7/oP8+qR9/sT0+",
    ),
    "a PagerDuty API token": fake("token: u+", "Abcdefghij_klmnop1"),
    "a PagerDuty integration key": fake("PAGERDUTY_", "KEY_HIGH=", "0123456789abcdef".repeat(2)),
    "a Slack webhook": fake(
      "https://hooks.slack",
      ".com/services/T12345678/B12345678/",
      "a".repeat(24),
    ),
    "a Slack token": fake("xoxb-", "123456789012-123456789012-abc"),
    "a GitHub token": fake("ghp_", "a".repeat(36)),
    "a private key": fake("-----BEGIN RSA ", "PRIVATE KEY-----"),
  };
  for (const [kind, text] of Object.entries(secrets)) {
    it(`know ${kind}`, () => {
      assert.deepEqual(
        secretsIn(`x "${text}" y`.replace(/"(-.*-)" y/, "$1")).map((seen) => seen.kind),
        [kind],
      );
    });
  }

  it("take nothing else for one: checksums, examples, encrypted text", () => {
    for (const text of [
      '"integrity": "sha512-iETxpjK6YoRWJG5o6hXLwvjYAoW+FEZn9os0PD/b6AP6xQwsa/Y7lCVgIixBbUPMfhu+i2LtdeAqVTgGlQarfA=="',
      "APrivateKey1zkpNotAKey",
      "hooks.slack.com/services/T0/B0/x-y",
      `digest: ${"0123456789abcdef".repeat(4)}`,
      "secure: v1:Rp5XVXUpJNm5VCK8:BEPZKJEEQOw0kF9N18lq0NncpyVR",
      "PAGERDUTY_TOKEN",
      `PAGERDUTY_KEY_HIGH: "${"c0ffee00".repeat(4)}"`,
    ]) {
      assert.deepEqual(secretsIn(text), [], text);
    }
  });
});

describe("what a program lets in", () => {
  const registry = compiledProgram("agent_registry_v3.aleo");
  const findingsIn = (source: string) => programFindings({ file: "x.aleo", source });

  it("is, of the project's own, only what is accepted", () => {
    assert.deepEqual(
      findingsIn(registry).map(({ rule, subject }) => `${rule} ${subject}`),
      ["no-caller-check process_withdrawals"],
    );
  });

  it("is anybody, where the comparison with the admin is missing", () => {
    const name = "finalize verify_agent:";
    const [before = "", after = ""] = registry.split(name);
    const planted = `${before}${name}${after.replace("    assert.eq r0 r5;\n", "")}`;
    assert.notEqual(planted, registry);
    const found = findingsIn(planted).find(({ subject }) => subject === "verify_agent");
    assert.equal(found?.rule, "no-caller-check");
    assert.equal(found.severity, "high");
    assert.equal(
      found.line,
      registry.slice(0, registry.indexOf("function verify_agent")).split("\n").length,
    );
  });

  it("is anybody, where only an input is compared with the caller", () => {
    const open = `program open.aleo;
mapping m:
    key as u8.public;
    value as u64.public;
function f:
    input r0 as address.public;
    input r1 as u64.public;
    assert.eq self.caller r0;
    async f r1 into r2;
    output r2 as open.aleo/f.future;
finalize f:
    input r0 as u64.public;
    set r0 into m[0u8];
constructor:
    assert.eq edition 0u16;
`;
    assert.deepEqual(rulesOf(findingsIn(open)), ["no-caller-check", "no-pause"]);
    const guarded = open.replace(
      "self.caller r0",
      "self.caller aleo1rhgdu77hgyqd3xjj8ucu3jj9r2krwz6mnzyd80gncr5fxcwlh5rsvzp9px",
    );
    assert.deepEqual(rulesOf(findingsIn(guarded)), ["no-pause"]);
  });

  it("takes as much as it likes, where the amount is compared with nothing", () => {
    const [before = "", after = ""] = registry.split("finalize collect_fees:");
    const planted = `${before}finalize collect_fees:${after.replace("sub r6 r1 into r7;", "sub r6 1u64 into r7;")}`;
    assert.ok(rulesOf(findingsIn(planted)).includes("unbounded-transfer"));
  });

  it("takes credits out while paused, where the pause is not read", () => {
    const [before = "", after = ""] = registry.split("finalize collect_fees:");
    const planted = `${before}finalize collect_fees:${after.replace("get.or_use paused[0u8] false into r3;", "is.eq false false into r3;")}`;
    assert.ok(rulesOf(findingsIn(planted)).includes("goes-on-while-paused"));
  });

  it("upgrades it, where the constructor asserts nothing", () => {
    const planted = registry.replace("    assert.eq program_owner r1;\n", "");
    assert.notEqual(planted, registry);
    assert.ok(rulesOf(findingsIn(planted)).includes("anybody-upgrades"));
  });
});

describe("what a workflow gives away", () => {
  const pinned = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1";
  const workflow = (text: string) => workflowFindings(".github/workflows/x.yml", text);
  const clean = `on: push
permissions:
  contents: read
jobs:
  a:
    steps:
      - uses: ${pinned} # v7.0.1
        with:
          persist-credentials: false
      - run: echo "$TITLE"
        env:
          TITLE: \${{ github.event.pull_request.title }}
`;

  it("is nothing, where all is pinned and narrow", () => {
    assert.deepEqual(workflow(clean), []);
  });

  it("is told with its line", () => {
    const faults: readonly (readonly [string, string, string])[] = [
      [pinned, "actions/checkout@v7", "unpinned-action"],
      ["contents: read", "contents: write", "wide-permissions"],
      ["permissions:\n  contents: read\n", "", "no-permissions"],
      ["          persist-credentials: false", "          fetch-depth: 0", "kept-credentials"],
      ['echo "$TITLE"', "echo ${{ github.event.pull_request.title }}", "script-injection"],
      ["on: push", "on:\n  pull_request_target:", "untrusted-checkout"],
    ];
    for (const [what, planted, rule] of faults) {
      const text = clean.replace(what, planted);
      const found = workflow(text);
      assert.ok(rulesOf(found).includes(rule), `${rule}: ${JSON.stringify(found)}`);
    }
    assert.equal(workflow(clean.replace(pinned, "actions/checkout@v7"))[0]?.line, 7);
  });
});

describe("what an image is built from", () => {
  const digest = `@sha256:${"0".repeat(64)}`;
  it("is told where it is not pinned, runs as root or holds a secret", () => {
    assert.deepEqual(
      imageFindings("Dockerfile", `FROM node${digest} AS a\nFROM a\nUSER 65532:65532\n`),
      [],
    );
    assert.deepEqual(rulesOf(imageFindings("Dockerfile", "FROM node:24\nUSER 1\n")), [
      "unpinned-image",
    ]);
    assert.deepEqual(rulesOf(imageFindings("Dockerfile", `FROM node${digest}\n`)), ["root-image"]);
    assert.deepEqual(
      rulesOf(imageFindings("Dockerfile", `FROM node${digest}\nENV ALEO_PRIVATE_KEY=x\nUSER 1\n`)),
      ["secret-in-image"],
    );
  });
});

describe("how much a policy allows", () => {
  const allow = (more: object) => ({
    Statement: [
      { Sid: "S", Effect: "Allow", Action: "s3:PutObject", Resource: "arn:x/*", ...more },
    ],
  });
  it("is told where it is more than needed", () => {
    assert.deepEqual(policyFindings("writerPolicy", allow({})), []);
    assert.deepEqual(rulesOf(policyFindings("p", allow({ Action: "s3:*" }))), ["wide-actions"]);
    assert.deepEqual(rulesOf(policyFindings("p", allow({ Resource: "*" }))), ["wide-resources"]);
    assert.deepEqual(rulesOf(policyFindings("p", allow({ Principal: { AWS: "*" } }))), [
      "open-to-all",
    ]);
    assert.deepEqual(rulesOf(policyFindings("writerPolicy", allow({ Action: ["s3:GetObject"] }))), [
      "role-does-more",
    ]);
    const web = { Action: "sts:AssumeRoleWithWebIdentity", Principal: { Federated: "arn:x" } };
    assert.deepEqual(rulesOf(policyFindings("p", allow(web))), ["any-pod-assumes"]);
  });
});

describe("what a manifest gives", () => {
  it("is told: wide roles, Secrets, the node's own things, a token, root, a moving image", () => {
    const role = (rule: string) =>
      `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: r }\nrules:\n  - ${rule}\n`;
    assert.deepEqual(
      rulesOf(manifestFindings("r.yaml", role("{ verbs: [get], resources: [pods] }"))),
      [],
    );
    assert.deepEqual(
      rulesOf(manifestFindings("r.yaml", role('{ verbs: ["*"], resources: [pods] }'))),
      ["wide-role"],
    );
    assert.deepEqual(
      rulesOf(manifestFindings("r.yaml", role("{ verbs: [get], resources: [secrets] }"))),
      ["reads-secrets"],
    );
    const pod =
      "apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: true\n  containers: [{ image: node }]\n";
    assert.deepEqual(rulesOf(manifestFindings("p.yaml", pod)), [
      "privileged-pod",
      "service-account-token",
      "unpinned-container",
      "root-container",
    ]);
    assert.deepEqual(rulesOf(declarationFindings("components/x.ts", 'rules: [{ verbs: ["*"] }]')), [
      "wide-role",
    ]);
  });
});

describe("what is known of the packages", () => {
  const answer = {
    vulnerabilities: {
      undici: {
        ...{ name: "undici", severity: "moderate", range: "<8.0.0", fixAvailable: true },
        via: [{ title: "Fault", url: "https://github.com/advisories/GHSA-x" }],
      },
    },
  };
  it("is told with the line of the lock file", () => {
    const { findings } = auditLook(JSON.stringify(answer), '{\n    "node_modules/undici": {\n');
    assert.deepEqual(
      findings.map(({ severity, line, what }) => ({ severity, line, what })),
      [
        {
          severity: "medium",
          line: 2,
          what: "undici <8.0.0: Fault https://github.com/advisories/GHSA-x",
        },
      ],
    );
  });
  it("is not said to be nothing where nobody answered", () => {
    const { problem, findings } = auditLook('{"message":"405 Method Not Allowed"}', "");
    assert.match(problem ?? "", /no answer: 405/);
    assert.deepEqual(findings, []);
  });
});

describe("an accepted finding", () => {
  const finding = {
    ...{ rule: "r", severity: "high" as const, file: "f", line: 3, subject: "s" },
    ...{ what: "w", why: "y", remedy: "m" },
  };
  const acceptance: Acceptance = {
    rule: "r",
    file: "f",
    subject: "s",
    reason: "because",
    until: "2027-01-01",
  };

  it("holds until its day", () => {
    assert.deepEqual(judge([finding], [acceptance], "2027-01-01"), [
      { ...finding, accepted: acceptance },
    ]);
    assert.deepEqual(rulesOf(judge([finding], [acceptance], "2027-01-02")), [
      "r",
      "accepted-too-long",
    ]);
    assert.equal(judge([finding], [acceptance], "2027-01-02")[0]?.accepted, undefined);
  });
  it("holds for nothing else, and is told of where it holds for nothing", () => {
    const other = { ...acceptance, subject: "other" };
    assert.deepEqual(rulesOf(judge([finding], [other], "2026-01-01")), [
      "r",
      "accepted-for-nothing",
    ]);
  });
});
