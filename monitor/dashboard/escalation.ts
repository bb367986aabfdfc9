import type { Severity } from "../alert/severity.ts";

interface Escalation {
  readonly paged: string;
  readonly within: string;
  readonly then: string;
  readonly acknowledged: string;
}

/** What docs/escalation.md says of each severity, which a test compares; AlertPolicies declares it. */
export const escalation: Readonly<Record<Severity, Escalation>> = {
  critical: {
    paged: "on-call at once, team lead after 5 min, CTO after 10 min",
    within: "15 min",
    then: "again every 15 min, 9 times",
    acknowledged: "paged again after 30 min",
  },
  high: {
    paged: "on-call at once, team lead after 30 min",
    within: "1 h",
    then: "again every 1 h, 3 times",
    acknowledged: "paged again after 1 h",
  },
  medium: {
    paged: "on-call at once",
    within: "4 h",
    then: "again every 1 h, 3 times",
    acknowledged: "paged again after 4 h",
  },
  low: {
    paged: "support in support hours",
    within: "24 h",
    then: "stays there",
    acknowledged: "stays so",
  },
};
