"""Words for the CWE-78 operations: more tools, and sentences around a tool's task."""

# tool|words before the value|words after it|names for the value|what it does
MORE_TOOLS = """
ping|-c 2||gateway host camera sensor|is {n} [alive|up|reachable|there]? ping [it|it twice]
ping|-c 1 -W 1||printer host address|[find out|see|ask] whether {n} [replies|is switched on|is on the network]
ping6|-c 1||address host|ping {n} over IPv6
fping|-c 3||host target|[measure|see] how fast {n} answers, with fping
traceroute|-m 15||host gateway address|the [hops|way|path through the network] to {n}
tracepath|||host target|[which way|which route] do packets take to {n}
mtr|--report -c 5||host target|[make|show] an mtr report for {n}
nslookup|-type=mx||domain zone|which [hosts|servers] take mail for {n}? ask nslookup
dig|+short txt||domain host|the TXT records of {n}
dig|-x||address ip|[reverse|backward] lookup of {n}
host|-t ns||domain zone|name servers of {n}
whois|||domain address company|who [owns|registered|is behind] {n}?
whois|-h whois.example.net||network domain|[ask|query] our whois server [about|for] {n}
curl|-o /tmp/page.html||address url|save the page at {n}
curl|-s -o /dev/null -w %{http_code}||url page|[which|what] status does {n} answer with?
nmap|-p 22,80,443||host range|which of our ports are open on {n}
ssh-keyscan|||host server|[collect|get|show] the host keys of {n}
openssl|x509 -noout -enddate -in||certificate file|when does {n} [expire|run out]?
snmpwalk|-v2c -c public||device switch printer|[read|walk] the SNMP values of {n}
arping|-c 1||address device|[find|look for] {n} with arping
wakeonlan|||mac machine computer|wake {n} [up|over the network]
ethtool|||interface card|the link settings of {n}
ifconfig|||interface device|the addresses of {n}
ip|addr show||interface device|[show|print] the addresses of {n}
iptables|-D INPUT -j DROP -s||address ip|unblock {n}
ufw|deny from||address ip network|[deny|block] [traffic from|] {n}
systemctl|is-active||service unit daemon|is {n} [running|active]?
systemctl|start||service unit|[start|bring up] {n}
systemctl|stop||service unit|[stop|take down] {n}
systemctl|reload||service unit|let {n} read its settings again
service||status|service daemon|[status|state] of {n}
supervisorctl|restart||program worker process|[restart|kick] {n} [under|with] supervisor
journalctl|-n 40 -u||unit service|the latest [messages|log lines] of {n}
docker|stop||container name|stop {n}
docker|pull||image tag|[pull|fetch] the image {n}
docker|rm -f||container name|[remove|throw away] the container {n}
docker|stats --no-stream||container|how much memory does {n} use
docker|compose restart||service stack|restart {n} with docker compose
kubectl|logs --tail=50||pod name|the last lines of the pod {n}
kubectl|rollout restart deployment||deployment app|roll {n} out again
helm|status||release chart|the state of the release {n}
terraform|workspace select||workspace environment|switch terraform to {n}
ansible-playbook|site.yml --limit||host group|run the playbook on {n}
virsh|start||machine domain vm|start the virtual machine {n}
git|blame||file path|who [wrote|changed] {n}? git knows
git|diff||branch revision commit|what has changed since {n}
git|fetch||remote repository|fetch from {n}
git|branch -D||branch name|[delete|drop] the branch {n}
git|tag||tag version release|tag [the current commit|this] as {n}
git|log -5 --author||author user email|the last five commits by {n}
git|rev-parse||ref branch revision|the commit id of {n}
svn|checkout||repository url|check {n} out with svn
hg|update||revision branch|update to {n}
pg_dump|-f /var/backups/db.sql||database schema tenant|[write|make|take] a [backup|dump] of {n}
pg_restore|-d app||dump backup file|[restore|load] {n} [into the database|]
mysqldump|--single-transaction||database schema|[back up|dump] {n} with mysqldump
psql|-f||script file|run {n} with psql
sqlite3|app.db||query statement command|ask the sqlite database: {n}
redis-cli|get||key name|what does redis hold for {n}
mongodump|--db||database name|dump the mongo database {n}
createdb|||database name tenant|[create|make] a database for {n}
dropdb|||database name tenant|[drop|remove] the database of {n}
tar|-cf /tmp/out.tar||folder path directory|put {n} into a tar file
tar|-tzf||archive bundle package|what is [in|inside] {n}? let tar list it
zip|-r /tmp/out.zip||folder project album|[pack|zip|compress] {n} for download
unzip|-o|-d /srv/site|archive bundle theme|unpack {n} with unzip
7z|x||archive package|extract {n} with 7z
xz|-9||file log|compress {n} as far as xz can
bzip2|||file dump|[compress|shrink] {n} with bzip2
wc|-c||file upload path|how many bytes has {n}? wc tells
wc|||file text path|lines, words and bytes of {n}
grep|-n|notes.txt|word term query|lines of notes.txt with {n}
grep|-ri|docs|word phrase term|which pages [mention|contain] {n}
grep|-v|hosts.txt|pattern name|the hosts that do not match {n}
zgrep||/var/log/app.log.1.gz|pattern word|look through the old log for {n}
find|.|-type f|folder path|[which|what] files are below {n}
find|/data -iname||pattern name file|where is {n}? search /data
locate|||name file pattern|where [is|are] {n}? ask locate
df|-k||mount volume path|free space [on|of] {n}
du|-s||folder directory project|the disk usage of {n}
ls|-la||directory folder path|what [is|lies] in {n}, [with sizes and dates|in long form]
tree|-L 2||folder directory|{n} as a tree
sort|-u||file list path|{n}, sorted and without duplicates
cut|-d, -f1||file table|the first column of {n}
tail|-n 100||file log|the end of the log {n}
cp|-r|/backup|folder file path|[keep|make] a copy of {n} in /backup
mv||/archive|file folder path|[move|put] {n} into the archive
rm|-rf||folder path directory|[remove|wipe|clear] {n}
mkdir|-p||folder path|[make|create] the folder {n}
chmod|644||file path|make {n} readable [for all|]
chown|www-data||file path|give {n} to www-data
touch|||file path name|[create|touch] {n}
diff|old.txt||file version|[compare|diff] {n} with old.txt
patch|-p1 -i||patch file|apply {n}
rsync|-az|backup:/srv|folder path project|[mirror|sync|send] {n} to the backup host
rclone|copy|remote:archive|folder file|[upload|copy] {n} with rclone
scp||deploy@web:/srv|file artifact build|[ship|copy] {n} to the web server
ffmpeg|-i|out.mp4|video clip recording|convert {n} to mp4
ffmpeg|-i|-ss 5 -frames:v 1 thumb.jpg|video clip lesson|a [thumbnail|still|preview picture] of {n}
ffmpeg|-i in.mp4 -vf|out.mp4|filter effect|apply {n} to the video
ffmpeg|-i talk.wav -b:a|talk.mp3|bitrate quality|[encode|save] the talk at {n}
ffprobe|-show_streams||video file episode|the streams in {n}
sox||-n stat|recording track sound|how loud is {n}? sox measures
lame||out.mp3|track recording|[make|encode] an mp3 of {n}
convert||thumb.png|picture photo drawing|make a PNG of {n}
convert|logo.png -fill|out.png|color shade|[paint|colour] the logo {n}
convert|photo.jpg -crop|cropped.jpg|area geometry region|cut {n} out of the photo
convert|-size 400x80 label:|banner.png|text caption title|draw {n} as a banner
montage||sheet.png|picture folder|a contact sheet of {n}
mogrify|-format png||picture photo|turn {n} into a png
optipng|||image icon|make {n} smaller
jpegoptim|||photo image|[shrink|optimise] {n}
exiftool|-all=||photo image|strip the metadata from {n}
zbarimg|||image photo code|read the barcode in {n}
tesseract||out|scan page receipt|[OCR|recognise the words in] {n}
pandoc|-o out.docx||document chapter note|[make|write] a Word file of {n}
pandoc|in.md -o||output file target|[convert|write] in.md to {n}
pandoc|-f markdown -t|notes.md|format kind|[convert|turn] the notes to {n}
wkhtmltopdf||page.pdf|url page address|print {n} to a PDF
pdflatex|||document file paper|typeset {n}
pdfunite|cover.pdf|out.pdf|document report|put the cover before {n}
qpdf|--check||document pdf|is {n} a sound PDF?
lp|-n 2||document file|two copies of {n}, please
lp|-d||printer queue|print the daily list on {n}
lpstat|-p||printer queue|[is|what is] {n} [printing|doing]
cancel|||job print|cancel the print job {n}
espeak|-w out.wav||text sentence message|[speak|read] {n} into out.wav
espeak|-v en||text message name|let the [speaker|computer] say {n}
say|||text message greeting|[say|read out] {n}
notify-send|||message text title|[show|pop up] {n} on the desktop
wall|||message text|tell everybody: {n}
logger|-t app||message text event|[put|write] {n} into the syslog
festival|--tts||file text|let festival read {n}
fortune|||topic file category|a fortune about {n}
figlet|-f slant||text banner name|{n} in big letters
trans|-b :en||text word sentence|translate {n} to English
translate-shell|-t de||text phrase|{n} in German
hunspell|-l||file document|the misspelled words in {n}
aspell|list||file text|spelling mistakes in {n}
dict|||word term|look {n} up in the dictionary
cal|-m||month year|a calendar of {n}
date|+%s -d||day when|{n} in seconds since 1970
factor|||number value|the prime factors of {n}
units|||quantity amount measure|how much is {n} in other units
bc|-l||file script|work out {n} with bc
gnuplot|||script plot file|draw {n} with gnuplot
Rscript|||script analysis report|run the analysis {n}
php|||script page|run the old PHP page {n}
node|||script tool|[run|execute] {n} with node
python3|||script job task|run the job {n}
bash|||script job hook|[run|start] {n}
make|||target goal|build {n}
mvn|-pl||module project|build the module {n}
npm|run||script task|npm run {n}
composer|require||package library|add {n} with composer
pip|show||package library|the details of the package {n}
apt-get|install -y||package tool|install {n} on this machine
dpkg|-s||package tool|is the package {n} installed?
rpm|-q||package tool|[which|what] version of {n} is installed
crontab|||file schedule|load {n} as the crontab
at|-f job.sh||time when|run job.sh at {n}
id|-u||user login|the number of the user {n}
getent|passwd||user login|{n} in the password database
userdel|-r||user login account|[remove|delete] the account {n}
usermod|-aG staff||user login|put {n} into the staff group
smbclient|-L||server host|which shares has {n}
mosquitto_pub|-t alarm -m||message payload|[publish|send] {n} to the alarm topic
v4l2-ctl|-d||camera device|what can the camera {n} do
fswebcam|||file picture name|take a picture as {n}
stty|-F||port device|the settings of the serial port {n}
lsblk|||device disk|the partitions of {n}
smartctl|-H||disk device|is the disk {n} healthy?
hdparm|-I||disk device|the data sheet of the disk {n}
umount|||share device disk|unmount {n}
ps|-u||user login|the processes of {n}
pgrep|-f||pattern name process|the pid of {n}
pkill|||process name worker|end the process {n}
renice|10||pid process|be nicer with {n}
avrdude|-p m328p -U||firmware image|flash {n} to the board
esptool.py|write_flash 0x0||firmware image|[write|flash] {n} to the device
clamscan|||file upload attachment|[scan|check] {n} for viruses
xmllint|--noout||document file feed|is {n} well-formed?
jq|.name||file document|the name in {n}, with jq
""".strip().splitlines()

STORIES = [
    "[admins|operators|support] [use|need] this [often|from the panel|when something is slow]",
    "the [dashboard|panel|console|chat bot] [asks|calls] for it",
    "the tool is installed on [this|every|the] [machine|server]",
    "[it|this] [takes|needs] [a few|some] seconds",
    "the page has one field",
    "[the|our] network team wants it in the browser",
    "used to be a cron job",
    "[no|nothing] else is needed",
    "the [editor|studio|lab] works with [files|pictures|recordings] all day",
    "[called|used] by the [build|deploy] page",
    "the device has no screen",
    "only staff can see this page",
]

# Around a tool's own task {s}, or in its place: {t} the tool, {n} the value, {c} the command with the value in capitals.
AROUND = [
    "{s}",
    "{s}",
    "{s}",
    "{s}",
    "{s}, {t} [can do|knows|does] that",
    "{t}: {s}",
    "{s} ([the|] {t} [command|tool])",
    "[let|have] {t} [do it|help|work]: {s}",
    "with {t}: {s}",
    "[in the shell|on the command line|in a terminal] [this is|one would write]: {c}",
    "[as|like] in the shell: {c}",
    "[run|call|start|execute] {t} [with|on|for] {n}",
    "{t} {n}",
    "$ {c}",
    "[start|launch|invoke] the {t} [tool|program|command] [for|with|on] {n}",
    "{t} [gets|takes|receives] {n} as its [last|only|] argument",
    "[use|ask|call] {t} to: {s}",
    "[hand|give|pass] {n} to {t}",
    "[shell out|call out] to {t} [for|with] {n}",
    "a {t} of {n}",
    "{s} ({c})",
    "{c}",
    "[what|whatever] {t} [says|prints|answers|tells] [about|for] {n}",
    "the [output|answer|result] of {t} [for|on] {n}",
    "{s}. [The|This] [server|machine|host] has {t}",
    "[system|external] command: {c}",
    "[spawn|run] {t} as a [child|sub]process[ with {n}|]",
    "{t} does this: {s}",
    "[time|now is the time] for {t}: {s}",
    "[execute|run] `{c}`",
]
BRIEFS = [
    "run it",
    "run {t}",
    "call {t}",
    "ask {t}",
    "the command",
    "{t} it",
    "now {t}",
    "start the tool",
    "do it",
    "use {t}",
    "{t}, then answer",
    "shell command",
]
