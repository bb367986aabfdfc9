/**
 * Kubernetes' own substitution in commands, arguments and values: `$(NAME)` becomes the variable's
 * value, or stays where there is none; `$$(NAME)` gives `$(NAME)`.
 */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^()]*)\)/g, (match, name: string | undefined) => {
    if (name === undefined) return "$";
    return Object.hasOwn(variables, name) ? (variables[name] ?? "") : match;
  });
}
