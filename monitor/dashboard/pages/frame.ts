import { html } from "ghtml";
import { doubt } from "../light.ts";
import type { Moment } from "../sources.ts";
import { count, when } from "../words.ts";
import { mark } from "./parts.ts";

/** Whom a page is shown to. */
export interface Visitor {
  /** Undefined: not signed in. */
  readonly person: string | undefined;
  /** Whether people sign in here, or a proxy in front says who they are. */
  readonly signsIn: "here" | "elsewhere" | "nowhere";
}

const pages = [
  ["/", "Overview"],
  ["/incidents", "Incidents"],
  ["/backups", "Backups"],
  ["/escalation", "Escalation"],
] as const;

export interface Frame {
  readonly title: string;
  /** Path of the page, which is marked in the navigation. */
  readonly path: string;
  readonly visitor: Visitor;
}

/** A whole page around its content. */
export function page(frame: Frame, moment: Moment, content: string): string {
  const { title, path, visitor } = frame;
  const { network } = moment.monitor;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${titleOf(title, moment)}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/uPlot.min.css" />
        <link rel="stylesheet" href="/assets/dashboard.css" />
        <script src="/assets/uPlot.iife.min.js" defer></script>
        <script src="/assets/dashboard.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="top">
          <p class="name"><a href="/">aleo-ops</a> <span class="network">${network}</span></p>
          <nav aria-label="Pages">
            <ul>
              !${pages.map(
                ([to, name]) =>
                  html`<li>
                    <a href="${to}" !${to === path ? 'aria-current="page"' : ""}
                      >${name}!${to === "/incidents" ? openCount(moment) : ""}</a
                    >
                  </li>`,
              )}
            </ul>
          </nav>
          !${account(visitor, path)}
        </header>
        <div id="standing">!${standing(moment)}</div>
        <p class="standing doubt" id="cut">
          !${mark("unknown")}
          <strong>No connection to the monitor: what is shown may be old.</strong> Trying again.
          Until then ask the chain: <code>aleo-ops health</code>
        </p>
        <p class="hidden" role="status" id="announcement"></p>
        <main id="content" tabindex="-1">!${content}</main>
      </body>
    </html>`;
}

/** A page without the frame, for who may not see it, and where it can't be made. */
export function barePage(title: string, content: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · aleo-ops</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/dashboard.css" />
      </head>
      <body class="bare">
        <main id="content">!${content}</main>
      </body>
    </html>`;
}

function titleOf(title: string, { open, monitor }: Moment): string {
  const alerts = open.length === 0 ? "" : `(${open.length}) `;
  return `${alerts}${title} · ${monitor.network}`;
}

/** How closely the chain is followed: without it nothing else on a page can be believed. */
export function standing({ status, store, now }: Moment): string {
  const why = doubt(status, now);
  const cursor = store.chain.cursor();
  const read =
    cursor === undefined || cursor.time === 0
      ? "No block was read yet."
      : html`Block <span class="figure">${count(cursor.height)}</span>, made
          !${when(cursor.time, now)}`;
  const polled =
    status.lastPoll === undefined
      ? ""
      : html`<span class="quiet">Looked !${when(Date.parse(status.lastPoll), now)}</span>`;
  return why === undefined
    ? html`<p class="standing">!${mark("fine")} Following the chain. !${read} !${polled}</p>`
    : html`<p class="standing doubt">
        !${mark("unknown")} <strong>What is shown may be old: ${why}.</strong> !${read} !${polled}
      </p>`;
}

function openCount({ open }: Moment): string {
  return open.length === 0
    ? ""
    : html` <span class="count">${open.length}<span class="hidden"> open</span></span>`;
}

function account({ person, signsIn }: Visitor, path: string): string {
  if (person === undefined) {
    return signsIn === "here"
      ? html`<p class="account"><a href="/sign-in?to=${path}">Sign in</a></p>`
      : "";
  }
  return signsIn === "here"
    ? html`<form class="account" method="post" action="/sign-out">
        <span>${person}</span> <button type="submit" class="plain">Sign out</button>
      </form>`
    : html`<p class="account">${person}</p>`;
}
