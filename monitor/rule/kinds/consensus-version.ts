import { probeName } from "../../watch/probe.ts";
import { defineKind, unknown, verdictOf } from "../kind.ts";

/** The network's consensus version is another than the accepted one: fees and limits may change with it. */
export const consensusVersion = defineKind({
  name: "consensus-version",
  cause: "looks",
  shape: {},
  probes: () => [{ kind: "consensus-version" }],
  evaluate: (_, { reading, accepted, network }) => {
    const name = probeName({ kind: "consensus-version" });
    const found = reading(name)?.value;
    const known = accepted(name);
    if (found === undefined || known === undefined) return [unknown(network)];
    return [
      {
        subject: network,
        verdict: verdictOf(found !== known),
        value: `V${found}`,
        summary: `${network} has gone from consensus version ${known} to ${found}`,
      },
    ];
  },
});
