// The frame of every page that we write: policy, style sheet, choice of colours, and the place for what it
// is about. It holds no script and nothing that could load one.
import { type Content, type Html, html, ownMarkup } from "./html.ts";
import { styleSheet } from "./style.ts";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** What a page is made of. */
export interface Page {
  readonly title: string;
  readonly body: Content;
  /** Version of hexacoder that makes it. */
  readonly version: string;
}

/** A whole page as text. */
export function page({ title, body, version }: Page): string {
  return `<!doctype html>\n${html`<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><title>${title}</title><style>${ownMarkup(styleSheet)}</style></head><body><a class="skip" href="#content">To the content</a><header class="bar-top"><span><b>hexacoder</b> report</span>${themeSwitch()}</header><main id="content">${body}</main><footer>Made by hexacoder ${version}. This file is complete in itself: it loads nothing and runs nothing.</footer></body></html>`}\n`;
}

function themeSwitch(): Html {
  const choices = ["auto", "light", "dark"] as const;
  return html`<fieldset class="theme"><legend>Colours</legend>${choices.map(
    (choice) =>
      html`<label><input type="radio" name="theme" id="theme-${choice}"${choice === "auto" ? html` checked` : undefined}><span>${choice}</span></label>`,
  )}</fieldset>`;
}
