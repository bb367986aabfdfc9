import type { Network } from "../../aleo/network.ts";
import type { RotationReport } from "./rotate.ts";

/** A rotation as a person should read it. */
export function rotationText(report: RotationReport, network: Network): string {
  const { steps, left, others, lost, stillOpen, unproven, done, problem, remedy } = report;
  return [
    ...steps.map((step) => `✔ ${step}`),
    ...left.map((line) => `! ${line}`),
    ...others.map(
      (line) => `! ${line}: not handed over. Nobody you know? runbooks/exploit.md#admin-calls`,
    ),
    ...unproven.map(
      (program) =>
        `! the old account could not pay for the call of ${program} that would show that the chain refuses the old key; its admin is the new account`,
    ),
    ...Object.entries(lost).flatMap(([program, admin]) => [
      `✖ the admin of ${program} is ${admin} by now: somebody used the old key before it could be handed over. Neither the old nor the new key can pause, upgrade or take back the program any more; ${admin} can.`,
      `    What to do: ask whether it was one of you who rotated elsewhere. If not, tell its users now (runbooks/exploit.md): what it holds of theirs they get out only while it runs; anybody may pay what they request (\`aleo-ops withdrawals process --contract ${program} --network ${network}\`). Then put a clean program in its place with the new key: \`aleo-ops emergency clean-slate ${program} --network ${network}\`.`,
    ]),
    ...stillOpen.flatMap((program) => [
      `✖ the old key could still call ${program}/offer_admin, which only the admin may.`,
      "    What to do: treat the program as open to everybody: pause it with the new key, and look at its code.",
    ]),
    ...(done ? ending(report) : stopped(problem, remedy)),
  ].join("\n");
}

function ending({ from, to, place, programs, left, lost, stillOpen }: RotationReport): string[] {
  const handed = programs.filter((program) => !(program in lost) && !stillOpen.includes(program));
  const over =
    handed.length === 0 ? "can pay for nothing" : `has no power over ${handed.join(", ")}`;
  const rest = left.length === 0 ? "" : " What stays with it is marked with !.";
  const where = place.startsWith("the secret") ? "the stack has it" : `it is in ${place}`;
  return [
    `The key of ${from} ${over} any more; that of ${to ?? ""} has taken its place.${rest}`,
    `Next: set ALEO_PRIVATE_KEY to the new key where the old one is set (${where}), workflows included; then delete the old one${left.length === 0 ? "" : ", unless you need it for what stays with it"}.`,
  ];
}

function stopped(problem = "", remedy = ""): string[] {
  return [
    `✖ ${problem}`,
    `    What to do: ${remedy}`,
    "    Then run the same command again, with the old key: it goes on where it stopped.",
  ];
}
