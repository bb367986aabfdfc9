export type Labels = Readonly<Record<string, string>>;

/** What one part of the operation is selected by, and never changes. */
export function selectorOf(part: string): Labels {
  return { "app.kubernetes.io/name": "aleo-ops", "app.kubernetes.io/component": part };
}

export function labelsOf(part: string, network: string): Labels {
  return { ...selectorOf(part), "app.kubernetes.io/instance": network };
}
