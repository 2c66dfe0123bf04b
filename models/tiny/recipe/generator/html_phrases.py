"""Pages of the CWE-79 operations: what they are made of, and words for them.

A shape is `parts || words`: `{V}` stands for the value in the page, `{E}` for a second one; `{T}` a tag, `{U}` another,
`{N}` and `{M}` any nouns, `{K}` the value's key. In the words {n} is what the value is called and {e} the second.
"""

ONE = """
<{T}>Hello {V}</{T}> || [say hello to|greet] {n}
<{T}>Hello {V}, welcome back!</{T}> || [a|the] greeting [for|with] {n}
<p>Good morning, {V}.</p> || [wish {n} a good morning|a good morning to {n}]
<h1>Welcome, {V}</h1><p>Your {N} is ready.</p> || [a|the] welcome page for {n}
<div class='card'><h2>{V}</h2></div> || [a|the] card [for|with|of] {n}
<div class='card'><h3>{V}</h3><p>{N}</p></div> || [a|the] [small|] card with {n} [on top|as its heading|in an h3]
<span class='badge'>{V}</span> || [a|the] badge [with|for|that shows] {n}
<span class='label label-{N}'>{V}</span> || [a|the] [{N}|coloured] label [with|for] {n}
<h2>Results for {V}</h2> || [a|the] heading [above|over|of] the [results|hits|list] [that repeats|with] {n}
<h1>Search: {V}</h1><p>0 hits</p> || nothing was found for {n}; [say so|a page that says so]
<p>Your search for <b>{V}</b> gave nothing.</p> || [tell|say|show] that [the search for|] {n} [gave nothing|had no hits|found nothing]
<p>You searched for <em>{V}</em></p> || [repeat|show] what [was searched|people searched] for: {n}
<h1>Error</h1><p>{V}</p> || [an|the] error page [with|that shows|that gives] {n}
<h1>Not found</h1><p>There is no {V} here.</p> || [a|the|our own] page for what is not there; it names {n}
<h1>404</h1><p>{V} does not exist.</p> || [a|the] 404 page [that names|with] {n}
<p>The page {V} has moved.</p> || [tell|say] that {n} has moved
<p class='error'>{V} is not a valid {N}.</p> || [complain|say] that {n} is [no valid|not a valid] {N}
<p>Unknown {N}: {V}</p> || [an unknown {N}|{n} is unknown]: [say|tell] so [on a page|in HTML]
<div class='preview'>{V}</div> || [a|the] preview of {n}
<article><h1>Preview</h1><p>{V}</p></article> || [show|preview] {n} as it [will|would] [look|appear]
<blockquote>{V}</blockquote> || {n} as a quotation
<blockquote>{V}</blockquote><p>from the {N}</p> || quote {n} on a page
<div class='widget'>{V}</div> || [a|the] widget [around|with|for] {n}
<div id='{N}'><p>{V}</p></div> || [the|an HTML] fragment [for|with] {n}[, for the {N} box|]
<nav><a href='/'>Home</a> / {V}</nav> || [a|the] breadcrumb [trail|] [that ends|ending] [in|with] {n}
<nav><a href='/{N}'>{N}</a> &gt; <span>{V}</span></nav> || breadcrumbs: {N}, then {n}
<table><tr><td>{K}</td><td>{V}</td></tr></table> || [a|the] table [with|of] one row: {K} and {n}
<table><tr><th>{N}</th></tr><tr><td>{V}</td></tr></table> || [a|the] table with {n} [below|under] the head "{N}"
<tr><td>{V}</td></tr> || [a|one|the] table row [for|with] {n}
<ul><li>{V}</li></ul> || [a|the] list with {n} as its [only|first] entry
<li>{V}</li> || [a|one] list item [for|with] {n}
<option selected>{V}</option> || [an|the] option [for|with] {n}, already chosen
<select><option>{V}</option></select> || [a|the] drop-down with {n} in it
<textarea>{V}</textarea> || [a|the] text area [to edit|filled with] {n}
<form><input name='{K}' value='{V}'><button>{N}</button></form> || [the|a] form again, with {n} [filled in|as it was typed]
<form><textarea name='{K}'>{V}</textarea></form> || [a|the] form in which {n} can be [changed|edited]
<label>{V}</label><input name='{N}'> || [an|the] input with {n} as its label
<a href='/{N}?{K}={V}'>next</a> || [a|the] link to the next page that keeps {n}
<a href='/{N}/{V}'>{V}</a> || [a|the] link to {n}[, by name|]
<a class='tag' href='/tags/{V}'>#{V}</a> || [a|the] tag link [for|of] {n}
<button title='{V}'>{N}</button> || [a|the] button with {n} as tooltip
<img src='/{N}.png' alt='{V}'> || [an|the] image with {n} as alternative text
<figure><img src='/{N}.png'><figcaption>{V}</figcaption></figure> || [a|the] picture with {n} [below it|as its caption]
<title>{V}</title><p>{N}</p> || [a|the] page [titled|with the title] {n}
<html><head><title>{V}</title></head><body>{N}</body></html> || [an empty|a whole|a] document whose title is {n}
<html><body><h1>{V}</h1><p>{N} and {M}</p></body></html> || [a|the] [whole|full] page [about|for|on] {n}
<section><h2>About {V}</h2></section> || [a|the] section about {n}
<div class='profile'><b>{V}</b></div> || [a|the] profile [snippet|box] [of|for] {n}
<p>Profile of {V}</p><a href='/{N}'>edit</a> || [a|the] profile with {n} and a link to edit it
<p>Signed in as <b>{V}</b></p> || who is signed in? [show|name] {n}
<footer>{V}</footer> || [a|the] footer [with|of] {n}
<header><h1>{V}</h1></header> || [a|the] page header [with|that shows] {n}
<svg xmlns='http://www.w3.org/2000/svg'><text y='20'>{V}</text></svg> || [an|the] SVG [badge|picture|drawing] [that says|with the text|with] {n}
<svg width='120' height='20'><text x='5' y='15'>{V}</text></svg> || draw {n} as [an|] SVG
<p>Thank you, {V}. We got your {N}.</p> || [thank|say thanks to] {n} for the {N}
<p>Thanks for the {N}!</p><p>You wrote: {V}</p> || [repeat|show] what [was written|they wrote]: {n}
<p>Comment: {V}</p> || [show|echo|print] {n} [on the page|back|in a paragraph]
<p>{V}</p> || {n} in a paragraph
<p>{V}</p><a href='/'>back</a> || {n} and a link [back|home]
<pre>{V}</pre> || {n} [as it is|unchanged], in a pre
<strong>{V}</strong> || {n} in bold
<em>{V}</em> || {n} in italics
<h1>{V}</h1> || {n} as [a|the] heading
<h1>{V}</h1><hr> || [a|the] heading [with|of] {n} and a line below
<marquee>{V}</marquee> || {n} running across the page
<details><summary>{V}</summary>{N}</details> || {n}, with the {N} folded away
<dialog open>{V}</dialog> || [a|the] dialog that [says|shows] {n}
<div class='alert'>{V}</div> || [an|the] alert box with {n}
<div class='notice'>Saved {V}</div> || [a|the] notice that {n} [was|is] saved
<p>Do you really want to delete {V}?</p> || [ask|make sure] [whether|if] {n} [may|should] [be deleted|go]
<p>{V} joined the {N}</p> || [announce|tell] that {n} joined the {N}
<p>Weather in {V}</p> || [the|a] [weather|forecast] page [of|for] {n}
<p>Order {V} is on its way</p> || [tell|say] that the order {n} is on its way
<p>Language: {V}</p> || which language? [show|tell] {n}
""".strip().splitlines()

TWO = """
<h1>{V}</h1><p>{E}</p> || {n} as [the|a] heading and {e} below[ it|]
<div class='card'><b>{V}</b><p>{E}</p></div> || [a|the] card [of|with] {n} and {e}
<p>{V} says: {E}</p> || {n} says {e}[, on a page|]
<blockquote>{V}</blockquote><cite>{E}</cite> || [quote|cite] {n}, by {e}
<tr><td>{V}</td><td>{E}</td></tr> || [a|the] table row [of|with|for] {n} and {e}
<table><tr><td>{V}</td><td>{E}</td></tr></table> || [a|the] table: {n}, {e}
<dt>{V}</dt><dd>{E}</dd> || {n} and what it means: {e}
<li>{V} ({E})</li> || [a|one] list item: {n}, with {e} in parentheses
<span title='{E}'>{V}</span> || {n}, with {e} as its tooltip
<a href='/{N}/{V}'>{E}</a> || [a|the] link to {n} that [says|reads|shows] {e}
<h2>{V}</h2><small>{E}</small> || {n}, with {e} in small letters
<p>{V} / {E}</p> || {n} and {e}, [side by side|with a slash between]
""".strip().splitlines()

STORIES = [
    "[visitors|readers|members] see this [first|on the start page|after the form]",
    "the [widget|frame|box] is [loaded|embedded] [into|by] the {N} page",
    "[there is no|we have no] template [for this|here]",
    "the page is [tiny|small|simple]",
    "the [script|frontend|htmx|editor] puts it into the page",
    "[search|the search box] comes without scripts",
    "[no|nothing] [style|layout] yet",
    "the designers [want|like] it [short|plain]",
    "[each|every] {N} has such a page",
    "the mail [has|shows] the same text",
    "[dead|broken] links end here",
]
WAYS = [
    "[return|build|make|show|send|answer with|write|respond with|send back] {s}",
    "{s}",
    "{s}",
    "{s}",
    "[build|make|put together] {s} and [return|send] it",
    "[answer|reply|respond] with {s}",
    "[the|our] [html|HTML|answer|response|page]: {s}",
    "[show|display|render] {s}",
    "{s}, as HTML",
    "{s} (HTML[, no template|])",
    "[the|an|some] [HTML|markup]: {s}",
    "{s}[, please|, nothing more|, that is all]",
    "[what|all] the [browser|visitor] [gets|sees]: {s}",
    "{s}. [No template|Plain HTML] will do",
    "[compose|assemble|write] the HTML: {s}",
    "[now|here] [comes|goes] the page: {s}",
    "[inline|hand-written] HTML: {s}",
    "{s} -> browser",
]
JINJA = [
    "[fill in|fill|render] {t}[ and return [it|the page]|]",
    "[render|show|return] {t} with [the|] {k}",
    "[return|answer with] {t}, filled in[ with jinja2|]",
    "{k} goes into {t}",
    "[put|place|insert] {n} [in|into] {t}[ and [return|send] the page|]",
    "[the page is|what they see is|the answer is] {t} with {n}",
    "{t}, with {n}",
    "{t} [takes|wants|needs|gets] {n}",
    "jinja2: {t}, {k} filled in",
    "[use|take] jinja2 [to fill|for] {t}",
    "[make|build|produce] the page from {t} and {n}",
    "render {t} [for|with] {n}",
    "[turn|make] {t} into [a page|HTML], {k} [is|comes from] the request",
    "{t} -> HTML",
    "[preview|show] {n} [in|with] {t}",
    "[everything|all] that {t} needs is {n}: [render|fill in|return] it",
]
BRIEFS = ["the page", "the HTML", "build it", "show it", "the answer", "build the page", "HTML", "show the {n}", "markup", "with the {n}", "fill it in", "make the HTML"]  # fmt: skip
HANDLERS = ["show_{n}", "greet", "{n}_page", "{n}_badge", "{n}_card", "preview_{n}", "render_{n}", "{n}_widget", "{n}_html", "search_results", "not_found", "hello", "{n}_snippet", "{n}_preview", "profile_{n}", "page"]  # fmt: skip
