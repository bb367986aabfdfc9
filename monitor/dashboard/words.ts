import { html } from "ghtml";
import { formatCredits } from "../../aleo/network.ts";
import { formatAge } from "../text.ts";

/** `2026-11-25 02:51:03 UTC`; without the day where it is that of `now`. */
export function clock(time: number, now: number): string {
  const text = new Date(time).toISOString();
  const day = text.slice(0, 10);
  const hour = `${text.slice(11, 19)} UTC`;
  return day === new Date(now).toISOString().slice(0, 10) ? hour : `${day} ${hour}`;
}

/** How long ago, and when: `3 min ago` with `02:51:03 UTC` beside it. The script keeps it up to date. */
export function when(time: number, now: number): string {
  const iso = new Date(time).toISOString();
  return html`<span class="when"
    ><time datetime="${iso}" data-ago>${formatAge(now - time)} ago</time>
    <span class="at">${clock(time, now)}</span></span
  >`;
}

/** `12.5 credits`, with thin spaces between thousands. */
export function credits(microcredits: number | bigint): string {
  const [amount = "", unit = ""] = formatCredits(BigInt(microcredits)).split(" ");
  const [whole = "", part] = amount.split(".");
  return `${grouped(whole)}${part === undefined ? "" : `.${part}`} ${unit}`;
}

/** The amount alone, in credits. */
export function amount(microcredits: number | bigint): string {
  return credits(microcredits).replace(/ credits$/, "");
}

/** Without fractions, where only the size matters. */
export function wholeCredits(microcredits: bigint): string {
  return credits((microcredits / 1_000_000n) * 1_000_000n);
}

/** Thin spaces between thousands. */
export function count(value: number): string {
  return grouped(String(value));
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `2.5 %`; no share of nothing. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return "–";
  const share = (100 * part) / whole;
  return `${share === 0 || share >= 10 ? share.toFixed(0) : share.toFixed(1)} %`;
}

export function ms(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : milliseconds.toFixed(0)} ms`;
}

/** Long ids keep both ends, which people compare; all of it is in the title. */
export function id(text: string): string {
  const isLong = text.length > 24;
  const short = isLong ? `${text.slice(0, 12)}…${text.slice(-6)}` : text;
  return isLong ? html`<code title="${text}">${short}</code>` : html`<code>${short}</code>`;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
