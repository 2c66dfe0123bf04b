// How common programs read their arguments: whether `--` ends the options, and which options take
// the next word as their value whatever it begins with. A table; programs that are not in it get a
// check of the value itself.

/** How a program reads its arguments. */
export interface ProgramArguments {
  /** Whether a word `--` ends the options. */
  readonly endsOptions: boolean;
  /** Options whose value is the next word, even one that begins with a dash. */
  readonly withValue: ReadonlySet<string>;
}

function row(endsOptions: boolean, options = ""): ProgramArguments {
  return { endsOptions, withValue: new Set(options.split(" ").filter((option) => option !== "")) };
}

const getopt = row(true);

/** See the file's head. `git` is left out: what `--` means depends on its subcommand. */
const programs: Readonly<Record<string, ProgramArguments>> = {
  ping: row(true, "-c -i -I -s -t -W -w"),
  ping6: row(true, "-c -i -I -s -t -W -w"),
  traceroute: row(true, "-m -w -q -p -f"),
  host: row(true, "-t -c -W -R"),
  whois: row(true, "-h -p"),
  nslookup: row(false),
  dig: row(false, "-t -p -b -q -x"),
  curl: row(true, "-o -H -d -X -A -e -u -T -F --output --header --data --request --url --max-time -m"),
  wget: row(true, "-O -P -o -U -T -t --output-document --directory-prefix"),
  ls: getopt,
  cat: getopt,
  cp: getopt,
  mv: getopt,
  rm: getopt,
  rmdir: getopt,
  mkdir: row(true, "-m"),
  touch: row(true, "-d -t -r"),
  stat: row(true, "-c"),
  file: row(true, "-m"),
  du: row(true, "-d"),
  df: row(true, "-t"),
  wc: getopt,
  head: row(true, "-n -c"),
  tail: row(true, "-n -c"),
  sort: row(true, "-k -t -o"),
  uniq: getopt,
  grep: row(true, "-e -f -m -A -B -C"),
  egrep: row(true, "-e -f -m -A -B -C"),
  fgrep: row(true, "-e -f -m -A -B -C"),
  md5sum: getopt,
  sha256sum: getopt,
  chmod: getopt,
  chown: getopt,
  gzip: getopt,
  gunzip: getopt,
  tar: row(true, "-f -C -T -X"),
  zip: row(true),
  useradd: row(true, "-c -d -g -G -s -u"),
  userdel: getopt,
  kill: row(true, "-s"),
  pkill: row(true, "-u"),
  id: getopt,
  lpr: row(false, "-P -#"),
  lp: row(false, "-d -n -o"),
  psql: row(true, "-c -f -h -p -U -d"),
  pg_dump: row(true, "-f -h -p -U -d -t"),
  mysqldump: row(true, "-u -h -P"),
  ffmpeg: row(false, "-i -ss -t -to -c -f -vf"),
  espeak: row(true, "-v -s -w -f"),
  say: row(true, "-v -o"),
};

/** How a program reads its arguments; a cautious answer for programs that are not known. */
export function argumentsOfProgram(command: string): ProgramArguments {
  const name = command.split("/").at(-1) ?? command;
  return Object.hasOwn(programs, name) ? (programs[name] ?? UNKNOWN) : UNKNOWN;
}

const UNKNOWN: ProgramArguments = row(false);
