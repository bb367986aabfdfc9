import { html } from "ghtml";

/**
 * A table whose rows become cards where it is narrow.
 * @param headings those of columns of numbers begin with #
 * @param rows cells as HTML
 */
export function table(
  caption: string,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const columns = headings.map((heading) => ({
    name: heading.replace(/^#/, ""),
    style: heading.startsWith("#") ? "number" : "",
  }));
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table class="cards">
      <thead>
        <tr>
          !${columns.map(({ name, style }) => html`<th scope="col" class="${style}">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        !${rows.map(
          (cells) =>
            html`<tr>
              !${cells.map(
                (cell, index) =>
                  html`<td data-label="${columns[index]?.name}" class="${columns[index]?.style}">
                    !${cell}
                  </td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
