"""CWE-78 operations: running a tool with a value of the request."""

from . import command_phrases as said_of
from . import text, words
from .common import answer_text, read_value, second_value
from .phrasing import attribute, careful, fill, maybe_class, subject, tell, weave
from .text import chance, weighted

# tool, words before the value, words after it, names for the value, what it does
TOOLS = """
ping|-c 1||host target address ip server|ping [the|this|] {n}[ once|]
ping|-c 3 -W 2||host node router|[check|see] whether {n} [answers|is up|is reachable]
ping|-c 4||target host device|send four pings to {n}
traceroute|||host target destination|[trace|find] the route to {n}
nslookup|||domain host name|look {n} up in the DNS
dig|+short||domain host name record|[look up|ask for|resolve] the DNS records of {n}
dig|mx||domain zone|[find|look up] the mail servers of {n}
host|||domain name|resolve {n}
whois|||domain host network|[run|ask|call] whois [for|about] {n}
curl|-sI||url link site|[fetch|get] the headers of {n}
curl|-s||url endpoint feed|[download|fetch] {n} with curl
wget|-q -O /tmp/page||url link|[download|fetch] {n} with wget
nmap|-sV||host target subnet|scan [the ports of|] {n} with nmap
nc|-zv|80|host server|[test|check] port 80 of {n}
arp|-n||ip address host|look {n} up in the ARP table
ip|route get||ip address|[find|show] the route for {n}
convert|in.png -resize|out.png|size geometry scale|[resize|scale] the image to {n}
convert|-rotate 90|/tmp/out.png|image photo picture|[rotate|turn] {n} with ImageMagick
identify|||image photo picture|[show|read] the [dimensions|format] of {n} with identify
ffmpeg|-i|-vn audio.mp3|video clip movie|[take|extract] the sound out of {n} with ffmpeg
ffprobe|-v error -show_format||video track recording|[read|show] the metadata of {n} with ffprobe
exiftool|||photo image picture|[read|show] the EXIF data of {n}
tesseract||stdout|image page scan|[read|recognise] the text in {n} with tesseract
pdftotext||-|document pdf paper report|[extract|get] the text of {n} with pdftotext
pdfinfo|||document pdf|[read|count] the pages of {n} with pdfinfo
pandoc|-t html||document page article|convert {n} to HTML with pandoc
wc|-l||file path document|count the lines of {n}
wc|-w||file essay document|count the words of {n}
du|-sh||folder path directory|[how much space|measure the space that] {n} [takes|uses]
df|-h||path mount disk|[show|check] the free space on {n}
ls|-l||folder path directory|list [the files of|] {n}
cat|||file path name|[show|print] [the file|] {n}
head|-n 20||file log path|[show|print] the first lines of {n}
tail|-n 50||log file path|[show|print] the [last lines|end] of {n}
stat|||file path|[show|print] the [details|dates] of {n}
file|-b||file upload path|[tell|find out] the type of {n}
md5sum|||file path name|[compute|print] the [md5|checksum] of {n}
sha256sum|||file path release|[compute|print] the checksum of {n}
grep|-rn|/var/log|pattern word term query|search the logs for {n}
grep|-i|words.txt|word pattern term|[find|look for] {n} in the word list
grep|-c|access.log|pattern term ip|count the lines with {n} in the access log
find|/srv -name||name pattern file|find files named {n}
tar|-czf backup.tgz||folder path directory|pack {n} [into an archive|] with tar
tar|-xzf||archive package bundle|unpack {n} with tar
zip|-r out.zip||folder path directory|zip {n}
unzip|-l||archive file package|list the files in the archive {n}
gzip|||file path log|compress {n} with gzip
git|clone||repo repository url|clone [the repository|] {n}
git|log --oneline||branch tag ref|[show|list] the commits of {n}
git|checkout||branch tag commit revision|check out {n}
git|show||commit revision ref|show the commit {n}
pg_dump|-Fc -f /tmp/db.dump||database db schema|dump the database {n} with pg_dump
mysqldump|||database db table|dump the [database|table] {n} with mysqldump
psql|-l -d||database db|list [the tables of|] the database {n}
sqlite3|app.db||query statement|run {n} in sqlite3
redis-cli|get||key name|[read|get] the key {n} with redis-cli
systemctl|status||service unit name daemon|[show|check] the status of the service {n}
systemctl|restart||service unit name|restart the service {n}
service||restart|service name daemon|restart the {n} service
journalctl|-n 100 -u||unit service|[show|read] the journal of {n}
docker|logs||container name service|[show|read] the logs of the container {n}
docker|restart||container name|restart the container {n}
docker|inspect||image container|inspect {n} with docker
kubectl|get pods -n||namespace team|list the pods [in|of] {n} with kubectl
useradd|-m||user username login|[add|create] the [system|] user {n}
id|||user username login|[show|find] the groups of {n}
last|-n 5||user username|[show|list] the last logins of {n}
finger|||user username|finger {n}
passwd|-l||user username account|lock the account {n}
kill|||pid process job|[stop|kill] the process {n}
lp|-d office||file document label|print {n} [on|with] the office printer
lpr|||file document path|[print|send to the printer] {n}
espeak|||text message phrase word|[say|speak] {n} [aloud|with espeak]
aspell|-a||word text term|check the spelling of {n}
figlet|||text title word banner|draw {n} with figlet
cowsay|||message text|[let the cow say|cowsay] {n}
qrencode|-o code.png||text url content|[make|write] a QR code of {n} with qrencode
dot|-Tpng -o graph.png||graph file source|draw {n} with graphviz
gs|-sDEVICE=png16m||document file|render {n} with ghostscript
rsync|-a|/backup|folder source path|copy {n} to /backup with rsync
scp||backup:/data|file path dump|copy {n} to the backup host
ssh||uptime|host server node machine|[ask|check] the uptime of {n} over ssh
openssl|s_client -connect||host server endpoint|[show|check] the certificate of {n}
gpg|--encrypt -r||recipient key email|encrypt the report for {n} with gpg
mail|-s report||email recipient address|mail the report to {n}
sendmail|||recipient email address|send the [notice|mail] to {n}
make|-C build||target goal rule|build [the target|] {n} with make
npm|install||package module|install the package {n}
pip|download||package name|download the package {n}
crontab|-l -u||user username|list the cron jobs of {n}
mount|||device disk share|mount {n}
lsof|-i||port service|[see|find out] who listens on {n}
date|-d||when day text|[turn|convert] {n} into a date with date
cal|||month year|[show|print] the calendar of {n}
bc|<<<||expression formula|[compute|work out] {n} with bc
units|-t||quantity amount|convert {n} with units
sox|in.wav out.wav trim||start offset length|cut the sound at {n} with sox
mogrify|-resize||size geometry|[resize|scale] the pictures to {n}
inkscape|--export-type=png||drawing file svg|export {n} as PNG with inkscape
soffice|--headless --convert-to pdf||document file letter|convert {n} to PDF
ldapsearch|-x uid=||uid user name|look {n} up in the directory
iptables|-A INPUT -j DROP -s||ip address network|block {n} in the firewall
""".strip().splitlines()


ALL_TOOLS = [*TOOLS, *said_of.MORE_TOOLS]


def _tool(rng):
    """A tool: a known one, or one with a made-up name, whose name then stands in the comment."""
    if chance(rng, 0.7):
        name, before, after, names, said = rng.choice(ALL_TOOLS).split("|", 4)
        return name, before, after, names.split(), said
    name = rng.choice(
        [
            text.noun(rng) + rng.choice(["ctl", "tool", "-cli", "gen", "check", "2pdf", "sync", "", "d"]),
            text.verb(rng) + "-" + text.noun(rng),
            rng.choice(words.COMPANIES),
            f"./{text.verb(rng)}.sh",
            f"/usr/local/bin/{text.verb(rng)}_{text.noun(rng)}",
            f"python {text.verb(rng)}.py",
            f"{text.verb(rng)}{text.noun(rng)}",
        ]
    )
    flag = rng.choice(
        [
            "",
            "",
            f"--{text.noun(rng)}",
            f"-{rng.choice('abcdfgimnoprstuvx')}",
            f"--{text.noun(rng)}=",
            text.verb(rng),
            f"-q --{text.noun(rng)}",
        ]
    )
    after = rng.choice(
        [
            "",
            "",
            "",
            f"out.{text.extension(rng)}",
            f"--{text.noun(rng)}",
            f"/tmp/{text.noun(rng)}.{text.extension(rng)}",
        ]
    )
    names = [text.noun(rng), text.noun(rng), "name", "target", "value", "size", "mode"]
    said = rng.choice(
        [
            "[run|call|start|execute|use] {t} [with|on|for] {n}",
            "{t}: {c}",
            "[run|execute] `{c}`",
            f"{text.verb(rng)} {{n}} with {{t}}",
            "[pass|give|hand] {n} to {t}",
            f"{text.verb(rng)} the {text.noun(rng)} [of|for] {{n}} with {{t}}",
            "{c}",
            f"{{t}} {text.verb(rng)}s the {text.noun(rng)} [of|for] {{n}}",
        ]
    )
    return name, flag, after, names, said


def run_tool(h):
    """Run one tool on the value and use what it prints."""
    p, rng, _q = h.p, h.rng, h.p.q
    maybe_class(h)
    tool, before, after, names, said = _tool(rng)
    value = read_value(h, names)
    v = str(value)
    n = subject(h, value)
    shape = f"{tool} {before} {value.key.upper()} {after}".replace("  ", " ").strip()
    said = fill(rng.choice(said_of.AROUND), s=said)
    said = said.replace("[the|this|] {n}", n).replace("{n}", n).replace("{t}", tool).replace("{c}", shape)
    secure = "<<<" not in before and careful(h)
    if chance(rng, 0.25) and tool not in said:
        said += rng.choice([f" [with|using|by] {tool}", f" ({tool})", f", using {tool}"])
    if (after and chance(rng, 0.5)) or chance(rng, 0.12):
        after, told = _file_variable(h, after)
        said += told
    wants = weighted(rng, [(60, "output"), (18, "nothing"), (12, "status"), (10, "filter")])
    extra = second_value(h) if chance(rng, 0.25) else None
    lines, expr = (_secure if secure else _weak)(h, tool, before, after, v, wants)
    answers, code = _answer(h, lines, expr, wants)
    if chance(rng, 0.1):
        p.use("subprocess")
        code = [
            "try:",
            *text.indent(code, 4),
            f"except {rng.choice(['subprocess.CalledProcessError', 'OSError', 'Exception'])}:",
            *text.indent(h.error(500, f"{tool} failed"), 4),
        ]
    short = tool.split("/")[-1].split()[0].split(".")[0].replace("-", "_")
    tell(
        h,
        [value] + ([extra] if extra else []),
        weave(rng, said, said_of.STORIES, 0.15),
        code,
        names=[short, f"{short}_{{n}}", f"run_{short}", f"{short}_view", f"do_{short}", f"{{n}}_{short}"],
        briefs=[b.replace("{t}", tool) for b in said_of.BRIEFS],
        answers=answers,
    )


def _file_variable(h, after):
    """A file of the context that the command writes to or reads: a marked expression, and words for the comment."""
    p, rng, q = h.p, h.rng, h.p.q
    name = f"{text.noun(rng)}.{text.extension(rng)}"
    where = text.folder(rng)
    var = h.var(
        *rng.choice(
            [
                ("target",),
                ("output_file",),
                ("out_file",),
                ("destination",),
                (f"{text.noun(rng)}_file",),
                ("dest",),
                ("report",),
            ]
        )
    )
    how = rng.randrange(7)
    own = attribute(h, q(f"{where}/{name}"), var, share=0.6)
    if own:
        return " ".join([*(a for a in after.split() if a.startswith("-")), "\0" + own]), f" [into|to] {own}"
    if how == 5:
        p.use("pathlib", "Path")
        source = p.constant(f"Path({q(where + '/' + name)})", f"{h.noun.upper()}", f"{h.noun.upper()}_SOURCE")
        h.early.append(f"{var} = {source}.with_name({q(text.noun(rng) + '-' + name)})")
        expr = var
    elif how == 6:
        p.use("os")
        base = p.constant(q(where), f"{h.noun.upper()}_DIR", "OUTPUT_DIR")
        h.early.append(f"{var} = os.path.join({base}, {q(name)})")
        expr = var
    elif how == 0:
        var = p.constant(q(f"{where}/{name}"), var.upper(), f"{h.noun.upper()}_FILE")
        expr = var
    elif how == 1:
        p.use("pathlib", "Path")
        var = p.constant(f"Path({q(where + '/' + name)})", var.upper(), f"{h.noun.upper()}_FILE")
        expr = var
    elif how == 2:
        p.use("tempfile")
        h.early.append(f"{var} = tempfile.mktemp(suffix={q('.' + text.extension(rng))})")
        expr = var
    elif how == 3:
        p.use("datetime", "date")
        h.early.append(f"{var} = f{p.quote}{where}/{{date.today()}}.{text.extension(rng)}{p.quote}")
        expr = var
    else:
        h.early.append(f"{var} = {q(where + '/' + name)}")
        expr = var
    keep = [a for a in after.split() if a.startswith("-")]
    told = rng.choice(
        [f" [into|to] {var}", f" and [write|save] it to {var}", f", [written|saved] to {var}", f" ({var})"]
    )
    return " ".join([*keep, "\0" + expr]), told


def _answer(h, lines, expr, wants):
    rng, q = h.rng, h.p.q
    if wants == "nothing":
        said = rng.choice(["", "", ", then answer ok", " and [say|answer] done"])
        return said, [*lines, *h.done()]
    if wants == "status":
        key = rng.choice(["ok", "status", "code", "success", "up", "reachable", "done"])
        test = rng.choice([f"{expr} == 0", expr])
        return rng.choice(
            [" and [return|tell] whether it [worked|succeeded]", " and return its exit [status|code]", ""]
        ), [*lines, *h.json([(key, test)])]
    if wants == "filter":
        word = rng.choice([text.noun(rng).capitalize(), text.noun(rng), "error", "Name"])
        out = h.var("lines", "found", "matches")
        code = [*lines, f"{out} = [line for line in {expr}.splitlines() if {q(word)} in line]"]
        more, answer = rng.choice(
            [
                (f' and [return|keep] the lines with "{word}"[ in them|]', h.json([("lines", out)])),
                (f", [return|keep] the line with {word}", h.text(f"{q(chr(10))}.join({out})")),
            ]
        )
        return more, [*code, *answer]
    said, answer = answer_text(h, expr)
    return said, [*lines, *answer]


def _command(h, tool, before, after, v, quoted=False):
    """The command as one string expression."""
    p, _rng = h.p, h.rng
    head = f"{tool} {before}".strip() + ("" if before.endswith(("=", ":")) else " ")
    expr = f"shlex.quote({v})" if quoted else v
    if quoted and not before.endswith("=") and chance(h.rng, 0.4):
        head += "-- "
    tail = []
    if "\0" in after:
        fixed, variable = after.split("\0")
        tail = [" " + fixed, "\0" + variable]
    elif after:
        tail = [" " + after]
    return p.join(head, "\0" + expr, *tail)


def _weak(h, tool, before, after, v, wants):
    _p, rng, _q = h.p, h.rng, h.p.q
    command = _command(h, tool, before, after, v)
    if chance(rng, 0.45):
        name = h.var("command", "cmd", "line")
        name = rng.choice([name, name, h.var("cmd", "call")])
        lines = [f"{name} = {command}"]
    else:
        name, lines = command, []
    return _launch(h, name, lines, wants)


def _launch(h, name, lines, wants):
    """Start a shell command in one of the usual ways."""
    p, rng, _q = h.p, h.rng, h.p.q
    if wants in ("nothing", "status"):
        how = weighted(rng, [(45, "system"), (25, "run"), (12, "call"), (10, "check"), (8, "popen")])
        if wants == "status" and how == "check":
            how = "call"
        if how == "system":
            p.use("os")
            call = f"os.system({name})"
        elif how == "popen":
            p.use("subprocess")
            call = f"subprocess.Popen({name}, shell=True)" + (".wait()" if wants == "status" else "")
        else:
            p.use("subprocess")
            fn = {"run": "run", "call": "call", "check": "check_call"}[how]
            more = ", check=True" if how == "run" and wants == "nothing" and chance(rng, 0.5) else ""
            call = f"subprocess.{fn}({name}, shell=True{more})" + (
                ".returncode" if how == "run" and wants == "status" else ""
            )
        if wants == "nothing":
            return [*lines, call], ""
        status = h.var("status", "code", "result", "exit_code")
        return [*lines, f"{status} = {call}"], status
    out = h.var(*rng.choice([("output",), ("out",), ("result",), ("output",), ("answer",), ("text",)]))
    how = weighted(rng, [(30, "popen"), (26, "check_output"), (26, "run"), (9, "Popen"), (9, "getoutput")])
    if h.is_async and chance(rng, 0.15):
        p.use("asyncio")
        proc = h.var("proc", "process")
        return [
            *lines,
            f"{proc} = await asyncio.create_subprocess_shell({name}, stdout=asyncio.subprocess.PIPE)",
            f"{out}, _ = await {proc}.communicate()",
        ], f"{out}.decode()"
    if how == "popen":
        p.use("os")
        if chance(rng, 0.2):
            return [*lines, f"with os.popen({name}) as pipe:", f"    {out} = pipe.read()"], out
        return [*lines, f"{out} = os.popen({name}).read()"], out
    p.use("subprocess")
    if how == "getoutput":
        return [*lines, f"{out} = subprocess.getoutput({name})"], out
    if how == "check_output":
        if chance(rng, 0.6):
            return [*lines, f"{out} = subprocess.check_output({name}, shell=True, text=True)"], out
        return [*lines, f"{out} = subprocess.check_output({name}, shell=True)"], f"{out}.decode()"
    if how == "Popen":
        proc = h.var("process", "proc")
        return [
            *lines,
            f"{proc} = subprocess.Popen({name}, shell=True, stdout=subprocess.PIPE, text=True)",
            f"{out}, _ = {proc}.communicate()" if chance(rng, 0.5) else f"{out} = {proc}.communicate()[0]",
        ], out
    if chance(rng, 0.5):
        return [
            *lines,
            f"{out} = subprocess.run({name}, shell=True, capture_output=True, text=True)",
        ], f"{out}.stdout"
    return [*lines, f"{out} = subprocess.run({name}, shell=True, capture_output=True, text=True).stdout"], out


def _secure(h, tool, before, after, v, wants):
    p, rng, q = h.p, h.rng, h.p.q
    p.late.update(("subprocess", "shlex"))
    if chance(rng, 0.22):
        p.use("shlex")
        command = _command(h, tool, before, after, v, quoted=True)
        name = h.var("command", "cmd")
        return _launch(h, name, [f"{name} = {command}"], wants)
    p.use("subprocess")
    first = [*tool.split(), *before.split()]
    glued = before.endswith(("=", ":"))
    flag = first.pop() if glued else ""
    way = "" if glued else weighted(rng, [(52, "dashes"), (24, "guard"), (24, "")])
    dashes = ["--"] if way == "dashes" else []
    word = p.join(flag, "\0" + v, style="f") if glued else v
    args = "[" + ", ".join([*(q(a) for a in first + dashes), word, *_after_args(h, after)]) + "]"
    lines = []
    if way == "guard":
        # An option in place of a name: refused, as a fix does where the tool may not know "--".
        word_of = f"str({v})" if chance(rng, 0.3) else v
        lines = [f"if {word_of}.startswith({q('-')}):", *text.indent(h.error(400, f"bad {tool} argument"), 4)]
    if chance(rng, 0.3):
        name = h.var("command", "cmd", "args")
        lines, args = [*lines, f"{name} = {args}"], name
    if wants == "nothing":
        return [
            *lines,
            f"subprocess.{rng.choice(['run', 'run', 'check_call', 'call'])}({args}{rng.choice(['', ', check=True'])})".replace(
                "call(" + args + ", check=True)", "call(" + args + ")"
            ),
        ], ""
    if wants == "status":
        status = h.var("status", "code", "result")
        return [
            *lines,
            rng.choice([f"{status} = subprocess.call({args})", f"{status} = subprocess.run({args}).returncode"]),
        ], status
    out = h.var(*rng.choice([("output",), ("out",), ("result",)]))
    if chance(rng, 0.3):
        return [*lines, f"{out} = subprocess.check_output({args}, text=True)"], out
    if chance(rng, 0.42):
        more = weighted(
            rng,
            [
                (6, "stdout=subprocess.PIPE, text=True).stdout"),
                (1, "stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout"),
                (1, f"stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.rstrip({q(chr(10))})"),
            ],
        )
        return [*lines, f"{out} = subprocess.run({args}, {more}"], out
    if chance(rng, 0.1):
        return [*lines, f"{out} = subprocess.check_output({args})"], f"{out}.decode()"
    if chance(rng, 0.5):
        return [*lines, f"{out} = subprocess.run({args}, capture_output=True, text=True)"], f"{out}.stdout"
    return [*lines, f"{out} = subprocess.run({args}, capture_output=True, text=True).stdout"], out


def _after_args(h, after):
    """What follows the value, as list entries."""
    out = []
    for part in after.split():
        if part.startswith("\0"):
            name = part[1:]
            is_path = any(line.startswith(f"{name} = Path(") for line in h.p.consts)
            out.append(f"str({name})" if is_path else name)
        else:
            out.append(h.p.q(part))
    return out


OPS = [(1.0, run_tool)]
