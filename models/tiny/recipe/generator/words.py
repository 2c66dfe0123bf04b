"""Word lists from which names, routes, hosts and comments are composed.

Large on purpose: a tiny model that meets a name only once or twice cannot
learn it by heart and must learn to copy it from the context.
"""

NOUNS = """
account address agenda agent airport alarm album alert amount animal answer antenna apartment
appointment archive arrival article artist asset assignment attendee auction author badge balance
ballot band banner barcode basket battery beacon beer benefit bike bill binding blog board boat body
book bookmark booking border bottle branch brand bridge briefing browser bucket budget build building
bundle bus cabin cable cache calendar camera campaign candidate canvas car card cargo carrier cart
case catalog category certificate chain channel chapter chart chat checklist circuit citation city
claim class client clip clinic club coach code collection color column comment community company
component concert condition conference config contact container contest contract control country
coupon course cover credit crew currency customer cycle dashboard dataset date deadline deal debate
debt delivery demand department deploy depot design desk detail device diagram diary dictionary diet
dinner direction discount dish disk display district division doctor document dog domain donation door
draft drawing drink driver drone duty edition editor election element email employee engine entry
envelope episode equation equipment error essay event exam example excuse exercise exhibit expense
experiment export extension fabric factory family fan farm fault favorite feature fee feed feedback
festival field figure file filter finance fire fish flag fleet flight floor flower folder follower food
font forecast forest form formula forum frame freight friend fuel function game garage garden gate
gauge genre gift goal grade grant graph greeting grid grocery group guest guide habit hall handler
harbor harvest headline health heater helper hero hike history hobby holiday home horse hospital host
hotel hour house icon idea image import incident index industry ingredient inspection insurance
interview inventory invitation invoice island issue item job journal journey judge junction key kitchen
label lab lake lamp language laptop layer layout leader league lease lecture ledger lesson letter level
library license lift light limit line link list listing loan location lock log login lot lunch machine
magazine mail manager manual map margin mark market match material matrix meal measure measurement
medal media meeting member memo mentor menu merchant message meter method metric milestone mine mirror
mission mission mixer mode model module moment monitor month motor mountain movie museum music name
neighbor network news newsletter nickname node note notice notification number nurse object offer
office operation operator option order organization origin outage outfit outlet output owner package
page painting pair palette panel paper parcel parent park part partner passage passenger password
patch patient pattern payment peer penalty permit person pet phase phone photo phrase picture piece
pipeline place plan planet plant plate platform player playlist plot poem point policy poll pool port
portfolio position post poster prayer premium prescription present preset press price printer priority
prize probe problem process product profile program project promotion proof property proposal protocol
provider pump purchase puzzle quality quantity query question queue quiz quota quote race radio rain
ranking rate rating reader reading reason receipt recipe record recording referee reference refund
region register relation release reminder rental repair replay reply report repository request
reservation resource response restaurant result resume return revenue review reward ride ring risk
river road role room root route routine row rule run runner salary sale sample satellite scan scene
schedule scheme school score screen script season seat section sector segment seller sensor sentence
series server service session setting shape share sheet shelf shift ship shipment shop show signal
signature site size sketch skill slide slot snapshot solution song sound source space speaker species
speech spell sport spot spreadsheet staff stage stamp standard star state statement station statistic
status step stock stop storage store storm story stream street student studio subject submission
subscriber subscription suggestion summary supplier supply survey symbol system table tag talk tank
target task tax taxi teacher team template tenant term test text theater theme thread ticket tide tile
time timeline timer title token tool topic total tour tournament tower town track trade trader traffic
trail train trainer transaction transfer translation trap tree trend trial trip trophy truck tunnel
turbine tutor type unit update upload usage user vacation value van vehicle vendor venue version video
view village visit visitor voice volume volunteer vote voucher wallet warehouse warning watch wave
weather website wedding week weight wheel widget wind window wine winner wire word worker workshop
workspace yard year zone
""".split()

VERBS = """
accept activate add adjust announce apply approve archive assign attach award book build calculate
cancel change charge check claim clean clear close collect compare compute confirm convert copy count
create deliver describe detect display download draw edit email enter estimate export fetch fill filter
find finish fix follow format get give grade handle import inspect install invite join label launch
list load locate lock look make manage map mark measure merge move name notify open order pack parse
pay pick place plan play post prepare preview print process publish pull push put query rank rate read
rebuild receive record redeem refresh refund register remove rename render renew repair replace reply
report request reserve reset resize resolve restore resume retry return review rotate save scan schedule
score search select send set share ship show sign sort split start stop store submit subscribe suggest
summarize switch sync tag take test track transfer translate unlock update upload use validate verify
view visit vote watch weigh write
""".split()

ADJECTIVES = """
active annual big blue bright busy calm central cheap clean clear closed cold common current daily
dark default digital double dry early eastern empty exact external extra fair famous fast final first
fixed flat free fresh full general global good great green happy hard heavy hidden high hot hourly
inner internal large last late latest light little local long loud low main major manual minor mobile
modern monthly narrow new next noisy northern old open outer past personal pending plain popular
possible private public quick quiet rapid raw ready recent red regional regular related remote safe
secret senior shared sharp short silent simple single slow small smart soft southern special spare
stable strong sunny sweet tall tiny total upper urban useful valid warm weekly western whole wide wild
yearly young
""".split()

PEOPLE = """
ada alan amy anna ben bob carla chris dana david ella emil eva felix fred grace hugo ida ines ivan jack
jane joan john jonas julia karl kim lara lea leo lina lisa luca maria mark max mia mona nina noah nora
olga otto paul pia rita rosa sam sara tim tom ute vera will yara zoe
""".split()

SURNAMES = """
adler baker berg brown carter diaz evans fisher garcia hill hoffmann ito jones kaya keller klein lang
lee lopez martin meyer miller moreau novak ortiz park patel popov reed rossi sato silva smith stone
tanaka weber wolf wood young
""".split()

CITIES = """
Berlin Boston Bristol Cairo Chicago Cork Dakar Delhi Dublin Geneva Genoa Ghent Graz Hanoi Kyoto Lagos
Leeds Lima Lisbon London Lyon Madrid Malmo Milan Nice Oslo Paris Porto Prague Quito Riga Rome Seoul
Split Sydney Tokyo Turin Vienna Warsaw York Zurich
""".split()

COMPANIES = """
acme alder altair amber apex arbor argon aspen atlas aurora avenue azure bayside beacon birch bluebird
bolt boreal bright brook canyon cedar cirrus citadel clover cobalt comet coral crest crown cypress delta
drift dune eagle ember evergreen fable falcon fern fjord flint fox garnet glacier globe granite grove
harbor hazel helix heron horizon iris ivy jade juniper kestrel lagoon lantern larch lotus lumen maple
meadow meridian mesa mint nebula nimbus noble north oak oasis olive onyx orbit orchid osprey otter
pebble pine pioneer plum polar prairie prism quartz quill raven reef ridge robin rowan ruby saffron sage
sequoia shore sierra silver sonic spruce stellar summit swift tango teal terra thistle tidal timber topaz
tulip umber unity vale vector velvet verde vertex violet vista walnut willow zenith zephyr
""".split()

TLDS = "com com com com org org org net net net io io io dev app de fr uk.co co.uk eu info edu gov ch at nl se example.com example.org example.net".split()
SUBDOMAINS = """
www api app auth blog calendar cdn cloud code data docs download events feeds files forms forum git help
hooks id img images intranet jobs login mail maps media my news pay pics portal shop sso static status
store support team tickets video videos web wiki work
""".split()

EXTENSIONS = "txt csv json log md pdf png jpg gif svg html xml yml yaml ini cfg dat bin zip tar.gz wav mp3 mp4 ogg docx xlsx".split()
FOLDERS = """
/srv/{a} /var/{a} /data/{a} /opt/{a} /mnt/{a} /home/app/{a} /var/lib/{a} /srv/{b}/{a} /var/www/{a}
/data/{b}/{a} /usr/share/{a} /tmp/{a} {a} static/{a} data/{a} media/{a} storage/{a} ./{a} files/{a}
uploads/{a} /srv/app/{a} /var/log/{a} /var/spool/{a} /var/cache/{a}
""".split()

LEVELS = "info info info warning warning error debug".split()
COLORS = "red green blue teal navy orange gray black white gold silver purple maroon olive".split()
UNITS = "meters feet miles kilometers celsius fahrenheit grams pounds liters gallons seconds minutes hours days bytes".split()
SENTENCES = """
hello
not found
bad request
missing value
try again
invalid input
access denied
nothing here
thank you
done
unknown {n}
no such {n}
{n} not found
{n} is missing
{n} required
invalid {n}
could not {v} the {n}
the {n} is not available
{n} saved
{n} created
{n} removed
please choose a {n}
we could not find this {n}
{a} {n} expected
""".strip().splitlines()

ONSETS = "b bl br c ch cl cr d dr f fl fr g gl gr h j k kn l m n p ph pl pr qu r s sc sh sk sl sm sn sp st str t th tr v w wh x y z".split()
RIMES = "a ab ack ad ail ain al am an ap ar ard at ay e ea ed eed el en er est et i ick id ig il im in ing ip is it o oak ob od og on oo op or ot ow u ub uck um un up us y ml db js".split()
