/** Namespace of the stack's configuration keys, as in `aleo-ops:endpoints`. */
export const configNamespace = "aleo-ops";
