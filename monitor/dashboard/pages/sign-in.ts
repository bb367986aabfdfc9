import { html } from "ghtml";

/** @param problem why the last attempt did not succeed */
export function signInPage(to: string, problem?: string): string {
  return html`<h1>Sign in</h1>
    <p class="lead">To acknowledge incidents. Your name is kept with what you acknowledge.</p>
    <form class="sign-in" method="post" action="/sign-in">
      !${problem === undefined ? "" : html`<p class="problem" role="alert">${problem}</p>`}
      <input type="hidden" name="to" value="${to}" />
      <label for="name">Your name</label>
      <input id="name" name="name" autocomplete="name" maxlength="80" required />
      <label for="token">Token</label>
      <input
        id="token"
        name="token"
        type="password"
        autocomplete="current-password"
        aria-describedby="token-help"
        required
      />
      <p id="token-help" class="quiet">
        It is the value of MONITOR_TOKEN, which your team keeps with its secrets.
      </p>
      <button type="submit">Sign in</button>
    </form>`;
}

/** @param next what to do; HTML */
export function problemPage(title: string, text: string, next: string): string {
  return html`<h1>${title}</h1>
    <p class="lead">${text}</p>
    <p>!${next}</p>`;
}
