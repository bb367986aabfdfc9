import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parse } from "yaml";
import { AleoError } from "../aleo/errors.ts";
import { secretsOf, SettingError, settingsOf } from "../settings.ts";

const complete: Record<string, string> = {
  network: "testnet",
  endpoints: '["https://node.example.org/v2"]',
  maxFee: "5000000",
};

const escalation = {
  onCall: { schedule: "PSCHED1" },
  teamLead: { user: "PUSER01" },
  cto: { user: "PUSER02" },
  support: { schedule: "PSCHED2" },
  supportHours: { timeZone: "Europe/Berlin", days: [1, 2, 3, 4, 5], from: "09:00", to: "17:00" },
};

function read(values: Record<string, string>, environment: Record<string, string> = {}) {
  return settingsOf(
    { get: (key) => values[key], keys: Object.keys(values), file: "Pulumi.testnet.yaml" },
    environment,
  );
}

function refusal(values: Record<string, string>, environment: Record<string, string> = {}): string {
  try {
    read(values, environment);
  } catch (error) {
    assert.ok(error instanceof SettingError, String(error));
    return error.explain();
  }
  assert.fail("no error");
}

/** As a workflow hands on secrets and variables that are not set. */
const empty = new Proxy<Record<string, string>>({}, { get: () => "" });

describe("the settings of a stack", () => {
  it("fill in what is not set", () => {
    assert.deepEqual(read(complete), {
      network: "testnet",
      endpoints: ["https://node.example.org/v2"],
      programs: [],
      priorityFee: 0n,
      defaultFee: 150_000n,
      maxFee: 5_000_000n,
      confirmationTimeoutMs: 180_000,
      proving: { mode: "sdk" },
      kubeContext: undefined,
      backups: undefined,
      cluster: undefined,
      schedules: { timeZone: "UTC", times: {} },
      escalation: undefined,
      mail: undefined,
      services: { aws: undefined, pagerDuty: undefined },
      overwrite: [],
    });
  });

  it("take from the environment which editions one run may upgrade over", () => {
    const { overwrite } = read(complete, { ALEO_OVERWRITE: "a.aleo@1,b.aleo@12" });
    assert.deepEqual(overwrite, ["a.aleo@1", "b.aleo@12"]);
    assert.match(refusal(complete, { ALEO_OVERWRITE: "a.aleo" }), /ALEO_OVERWRITE is "a\.aleo"/);
  });

  it("take the addresses of other services from the environment, and refuse what is none", () => {
    const { services } = read(complete, {
      AWS_ENDPOINT_URL: "http://127.0.0.1:3031/",
      PAGERDUTY_API_URL: "http://127.0.0.1:3032",
    });
    assert.deepEqual(services, {
      aws: "http://127.0.0.1:3031",
      pagerDuty: "http://127.0.0.1:3032",
    });
    assert.match(refusal(complete, { PAGERDUTY_API_URL: "pager" }), /PAGERDUTY_API_URL is "pager"/);
  });

  it("hold what the operation of the network consists of", () => {
    const settings = read({
      ...complete,
      kubeContext: "1",
      backups: '{"lockDays":30,"keepDays":400,"replicaRegion":"eu-west-1"}',
      cluster: '{"namespace":"aleo-ops","image":"registry.example.org/aleo-ops:1"}',
      schedules: '{"times":{"backup":"0 * * * *"}}',
      escalation: JSON.stringify(escalation),
    });
    assert.equal(settings.kubeContext, "1");
    assert.deepEqual(settings.backups, {
      lockDays: 30,
      keepDays: 400,
      replicaRegion: "eu-west-1",
    });
    assert.deepEqual(settings.cluster, {
      namespace: "aleo-ops",
      image: "registry.example.org/aleo-ops:1",
    });
    assert.deepEqual(settings.schedules, { timeZone: "UTC", times: { backup: "0 * * * *" } });
    assert.deepEqual(settings.escalation, escalation);
  });

  it("ask for a second region of the backups of mainnet", () => {
    const mainnet = { ...complete, network: "mainnet" };
    assert.match(refusal({ ...mainnet, backups: '{"lockDays":90}' }), /backups.*replicaRegion/);
    const both = '{"lockDays":90,"replicaRegion":"eu-west-1"}';
    assert.equal(read({ ...mainnet, backups: both }).backups?.lockDays, 90);
  });

  it("ask for the context of a public network's cluster: the current one may be another's", () => {
    const cluster = '{"namespace":"aleo-ops","image":"i@sha256:0a"}';
    for (const network of ["testnet", "mainnet"]) {
      assert.match(
        refusal({ ...complete, network, cluster }),
        /kubeContext is not set in Pulumi\.testnet\.yaml, but aleo-ops:cluster is.*kubectl config get-contexts/s,
      );
      assert.equal(read({ ...complete, network }).kubeContext, undefined);
    }
    assert.equal(read({ ...complete, network: "local", cluster }).kubeContext, undefined);
  });

  it("say how the cluster differs from others", () => {
    const differs = {
      storageClass: "gp3",
      dashboardHost: "monitor.example.org",
      ingress: { class: "alb", cidr: "10.0.0.0/16", annotations: { "a.example.org/b": "c" } },
      monitoring: { namespace: "metrics", labels: { release: "prometheus" } },
    };
    const cluster = JSON.stringify({ namespace: "aleo-ops", image: "i:1", ...differs });
    const settings = read({ ...complete, kubeContext: "of-testnet", cluster });
    assert.deepEqual(settings.cluster, { namespace: "aleo-ops", image: "i:1", ...differs });
  });

  it("can't be changed once read", () => {
    const settings = read(complete);
    assert.throws(() => {
      (settings as { network: string }).network = "mainnet";
    }, TypeError);
  });

  it("take the endpoint and the default fee from the environment first", () => {
    const settings = read(
      { ...complete, priorityFee: "200000" },
      { ALEO_NODE_URL: "http://127.0.0.1:3030,http://127.0.0.1:3031", ALEO_DEFAULT_FEE: "200000" },
    );
    assert.deepEqual(settings.endpoints, ["http://127.0.0.1:3030", "http://127.0.0.1:3031"]);
    assert.equal(settings.priorityFee, 200_000n);
  });

  it("count a variable that is empty as not set", () => {
    assert.deepEqual(read(complete, empty), read(complete, {}));
  });

  it("refuse a priority fee over the default fee of 150000 microcredits", () => {
    assert.match(refusal({ ...complete, priorityFee: "150001" }), /150001.*ceiling of 150000/);
    assert.equal(read({ ...complete, priorityFee: "150000" }).priorityFee, 150_000n);
  });

  it("refuse an ALEO_NETWORK that contradicts the stack, and take one that agrees", () => {
    assert.match(
      refusal(complete, { ALEO_NETWORK: "mainnet" }),
      /ALEO_NETWORK is "mainnet".*Pulumi\.testnet\.yaml.*"testnet"/s,
    );
    assert.equal(read(complete, { ALEO_NETWORK: "testnet" }).network, "testnet");
  });

  const wrong: [key: string, value: string, named: RegExp][] = [
    ["network", "devnet", /aleo-ops:network is "devnet".*Allowed is local, testnet, mainnet/s],
    ["endpoints", "[]", /aleo-ops:endpoints.*Allowed is a list/s],
    ["endpoints", '["ftp://node"]', /aleo-ops:endpoints.*ftp.*http\(s\) URL/s],
    ["endpoints", "http://node", /aleo-ops:endpoints.*Allowed is a list/s],
    ["maxFee", "-1", /aleo-ops:maxFee is "-1".*microcredits/s],
    ["maxFee", "1.5", /aleo-ops:maxFee is "1.5".*whole number/s],
    ["programs", '[{"program":"token"}]', /aleo-ops:programs.*at 0\.program/s],
    ["programs", '[{"program":"t.aleo","pause":true}]', /aleo-ops:programs.*pause/s],
    ["confirmationTimeoutSeconds", "0", /from 1 to 3600/],
    ["proving", '{"mode":"delegated"}', /aleo-ops:proving.*at url/s],
    ["proving", '{"mode":"magic"}', /aleo-ops:proving.*mode: sdk/s],
    ["mail", '{"from":"ops","to":["team@example.org"]}', /aleo-ops:mail.*at from/s],
    ["mail", '{"from":"ops@example.org","to":[]}', /aleo-ops:mail.*at to.*smtpUrl/s],
    ["backups", '{"lockDays":0}', /aleo-ops:backups.*at lockDays.*1 to 36500/s],
    ["backups", '{"lockDays":1,"replicaRegion":"mars"}', /aleo-ops:backups.*at replicaRegion/s],
    ["backups", '{"lockDays":1,"lock":"none"}', /aleo-ops:backups.*lock/s],
    ["cluster", '{"namespace":"A b","image":"i:1"}', /aleo-ops:cluster.*at namespace/s],
    ["cluster", '{"namespace":"a"}', /aleo-ops:cluster.*at image/s],
    [
      "cluster",
      '{"namespace":"a","image":"i:1","dashboardUserHeader":"X-User"}',
      /aleo-ops:cluster.*dashboardUserHeader/s,
    ],
    [
      "cluster",
      '{"namespace":"a","image":"i:1","ingress":{"cidr":"10.0.0.0"}}',
      /aleo-ops:cluster.*at ingress\.cidr/s,
    ],
    ["schedules", '{"timeZone":"Mars/Base"}', /aleo-ops:schedules.*No such time zone/s],
    ["schedules", '{"timeZone":"+01:00"}', /aleo-ops:schedules.*No such time zone/s],
    ["schedules", '{"timeZone":"asia/kolkata"}', /aleo-ops:schedules.*No such time zone/s],
    ["schedules", '{"timeZone":"europe/berlin"}', /did you mean Europe\/Berlin\?/],
    ["escalation", '{"onCall":{"user":"P1"}}', /aleo-ops:escalation.*at teamLead/s],
    [
      "escalation",
      JSON.stringify({ ...escalation, supportHours: { ...escalation.supportHours, from: "9" } }),
      /aleo-ops:escalation.*at supportHours\.from.*time of day/s,
    ],
  ];
  for (const [key, value, named] of wrong) {
    it(`name key, value, what is allowed and the file for ${key} = ${value}`, () => {
      const text = refusal({ ...complete, [key]: value });
      assert.match(text, named);
      assert.match(text, /Pulumi\.testnet\.yaml/);
    });
  }

  it("name a key that is missing", () => {
    const rest = Object.entries(complete).filter(([key]) => key !== "maxFee");
    assert.match(
      refusal(Object.fromEntries(rest)),
      /aleo-ops:maxFee is not set in Pulumi\.testnet\.yaml/,
    );
  });

  it("refuse a key that is no setting", () => {
    assert.match(refusal({ ...complete, endpoint: "x" }), /aleo-ops:endpoint, which is no setting/);
  });

  it("never fail but with a typed error, whatever the values", () => {
    const key = fc.constantFrom(...Object.keys(complete), "programs", "backups", "cluster");
    fc.assert(
      fc.property(key, fc.oneof(fc.string(), fc.json()), (changed, value) => {
        try {
          read({ ...complete, [changed]: value });
        } catch (error) {
          assert.ok(error instanceof AleoError, String(error));
        }
      }),
    );
  });
});

describe("the secrets of a stack", () => {
  const get = (key: string) => ({ privateKey: "from the stack" })[key];

  it("come from the environment first", () => {
    const source = { get, file: "Pulumi.testnet.yaml" };
    assert.equal(
      secretsOf(source, { ALEO_PRIVATE_KEY: "from the environment" }).privateKey?.text,
      "from the environment",
    );
    assert.equal(secretsOf(source, {}).privateKey?.text, "from the stack");
    assert.equal(secretsOf({ ...source, get: () => undefined }, {}).privateKey, undefined);
    assert.deepEqual(secretsOf(source, empty), secretsOf(source, {}));
  });
});

for (const network of ["local", "testnet", "mainnet"]) {
  describe(`Pulumi.${network}.yaml`, () => {
    const text = readFileSync(new URL(`../Pulumi.${network}.yaml`, import.meta.url), "utf8");
    const { config } = parse(text) as { config: Record<string, unknown> };

    it("holds valid settings of its network", () => {
      const values = Object.fromEntries(
        Object.entries(config).flatMap(([key, value]) =>
          key.startsWith("aleo-ops:")
            ? [
                [
                  key.replace("aleo-ops:", ""),
                  typeof value === "string" ? value : JSON.stringify(value),
                ],
              ]
            : [],
        ),
      );
      assert.equal(read(values).network, network);
    });

    it("holds no secret in plain text", () => {
      assert.doesNotMatch(text, /APrivateKey1|AViewKey1|apiKey|consumerId/i);
    });
  });
}
