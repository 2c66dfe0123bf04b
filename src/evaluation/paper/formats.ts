// Tables as Markdown, LaTeX, CSV and JSON. What is not known is a dash for people, nothing in CSV, null in JSON.
import type { Cell, Table } from "./found-arms.ts";

/** Text of a table by the ending of its file. */
export const tableFormats = {
  md: markdown,
  tex: latex,
  csv,
  json: (table: Table) => `${JSON.stringify(table, null, 2)}\n`,
} as const satisfies Record<string, (table: Table) => string>;

function markdown({ title, notes, columns, rows }: Table): string {
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map((cell) => shown(cell, "–").replace(/[|\\]/g, "\\$&").replace(/\n/g, " ")).join(" | ")} |\n`;
  const rule = `|${columns.map((_, place) => (isText(rows, place) ? " --- " : " ---: ")).join("|")}|\n`;
  const below = notes.map((note) => `\n${note}\n`).join("");
  return `### ${title}\n\n${line(columns)}${rule}${rows.map(line).join("")}${below}`;
}

function latex({ id, title, notes, columns, rows }: Table): string {
  const line = (cells: readonly Cell[]): string =>
    `    ${cells.map((cell) => tex(shown(cell, "--"))).join(" & ")} \\\\\n`;
  const layout = columns.map((_, place) => (isText(rows, place) ? "l" : "r")).join("");
  return [
    "\\begin{table}\n  \\centering\n",
    `  \\caption{${tex([title, ...notes].join(". ").replaceAll("..", "."))}}\n  \\label{tab:${id}}\n`,
    `  \\begin{tabular}{${layout}}\n    \\hline\n${line(columns)}    \\hline\n`,
    `${rows.map(line).join("")}    \\hline\n  \\end{tabular}\n\\end{table}\n`,
  ].join("");
}

function csv({ columns, rows }: Table): string {
  const field = (cell: Cell): string => {
    const text = shown(cell, "");
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [columns, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

function shown(cell: Cell, nothing: string): string {
  return cell === null ? nothing : String(cell);
}

/** Whether a column holds words: it is set to the left. */
function isText(rows: Table["rows"], place: number): boolean {
  return rows.some((row) => typeof row[place] === "string" && !/^[\d–]/.test(row[place]));
}

const texMeaning: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "–": "--",
  "“": "``",
  "”": "''",
};

function tex(text: string): string {
  return text.replace(/[\\~^–“”]|[&%$#_{}]/g, (sign) => texMeaning[sign] ?? `\\${sign}`);
}
