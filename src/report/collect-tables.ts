// The tables of a plan of experiments (`hexacoder reproduce` leaves them as tables/*.json), for showing.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isNotThere } from "../core/errors.ts";
import type { TableData } from "./data.ts";
import { readJsonIfThere } from "./read-json.ts";

const tableSchema = z.object({
  title: z.string(),
  notes: z.array(z.string()),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
});

/** Reads a folder's tables, by name; none where there is no such folder. */
export async function collectTables(folder: string): Promise<TableData[]> {
  const tables: TableData[] = [];
  for (const name of (await filesIn(join(folder, "tables"))).sort()) {
    if (!name.endsWith(".json")) continue;
    const table = tableSchema.safeParse(await readJsonIfThere(join(folder, "tables", name)));
    if (table.success) tables.push(table.data);
  }
  return tables;
}

async function filesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (isNotThere(error)) return [];
    throw error;
  });
}
