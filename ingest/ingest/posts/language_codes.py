"""Data about language codes: aliases, codes that exist, the usual script of each language, and names.

Source: the locale data of Unicode (CLDR 48), whose aliases include those of the IANA registry of language subtags. One
entry differs: `nb` is `no` here, the code that X, Mastodon and most people use.
"""

# Old codes, three-letter codes of languages that have a two-letter code, and languages that are usually given another
# code.
_ALIASES = (
    "aam:aas aar:aa abk:ab adp:dz afr:af agp:apf ais:ami ajp:apc ajt:aeb aju:jrb aka:ak alb:sq als:sq amh:am ara:ar "
    "arb:ar arg:an arm:hy asd:snz asm:as aue:ktz ava:av ave:ae aym:ay ayr:ay ayx:nun aze:az azj:az bak:ba bam:bm "
    "baq:eu baz:nvo bcc:bal bcl:bik bel:be ben:bn bgm:bcg bhk:fbl bic:bir bih:bho bis:bi bjd:drl bjq:bzc bkb:ebk "
    "blg:iba bod:bo bos:bs bre:br btb:beb bul:bg bur:my bxk:luy bxr:bua cat:ca ccq:rki ces:cs cha:ch che:ce chi:zh "
    "chu:cu chv:cv cjr:mom cka:cmr cld:syr cls:sa cmk:xch cmn:zh cnr:sr-ME cor:kw cos:co coy:pij cqu:quh cre:cr "
    "cwd:cr cym:cy cze:cs daf:dnj dan:da dap:njz dek:sqm deu:de dgo:doi dhd:mwr dik:din diq:zza dit:dif div:dv "
    "djl:dze dkl:aqd drh:mn drr:kzk drw:fa-AF dud:uth duj:dwu dut:nl dwl:dbt dzo:dz ekk:et ell:el elp:amq emk:man "
    "eng:en epo:eo esk:ik est:et eus:eu ewe:ee fao:fo fas:fa fat:ak fij:fj fin:fi fra:fr fre:fr fry:fy fuc:ff "
    "ful:ff gav:dev gaz:om gbc:wny gbo:grb geo:ka ger:de gfx:vaj ggn:gvr ggo:esg ggr:gtu gio:aou gla:gd gle:ga "
    "glg:gl gli:kzk glv:gv gno:gon gom:kok gre:el grn:gn gti:nyc gug:gn guj:gu guv:duz gya:gba hat:ht hau:ha "
    "hbs:sr-Latn hdn:hai hea:hmn heb:he her:hz him:srx hin:hi hmo:ho hrr:jal hrv:hr hun:hu hye:hy ibi:opa ibo:ig "
    "ice:is ido:io iii:ii ike:iu iku:iu ile:ie ill:ilm ilw:gal in:id ina:ia ind:id ipk:ik isl:is ita:it iw:he "
    "izi:eza jar:jgk jav:jv jaw:jv jeg:oyb ji:yi jpn:ja jw:jv kal:kl kan:kn kas:ks kat:ka kau:kr kaz:kk kdv:zkd "
    "kgc:tdf kgd:ncq kgh:kml kgm:plu khk:mn khm:km kik:ki kin:rw kir:ky kmr:ku knc:kr kng:kg koj:kwv kom:kv kon:kg "
    "kor:ko kpp:jkm kpv:kv krm:bmf ktr:dtp kua:kj kur:ku kvs:gdj kwq:yam kxe:tvd kxl:kru kzh:dgl kzj:dtp kzt:dtp "
    "lak:ksp lao:lo lat:la lav:lv lbk:bnc leg:enl lii:raq lim:li lin:ln lit:lt llo:ngt lmm:rmx ltz:lb lub:lu lug:lg "
    "lvs:lv mac:mk mah:mh mal:ml mao:mi mar:mr may:ms meg:cir mgx:jbk mhr:chm mkd:mk mlg:mg mlt:mt mnt:wnn mo:ro "
    "mof:xnt mol:ro mon:mn mri:mi msa:ms mst:mry mup:raj mwd:dmw mwj:vaj mya:my myd:aog myt:mry nad:xny nau:na "
    "nav:nv nb:no nbf:nru nbl:nr nbx:gll ncp:kdz nde:nd ndo:ng nep:ne nld:nl nln:azd nlr:nrk nno:nn nns:nbr nnx:ngv "
    "nob:no nom:cbr noo:dtd nor:no npi:ne nte:eko nts:pij nxu:bpp nya:ny oci:oc ojg:oj oji:oj ori:or orm:om ory:or "
    "oss:os oun:vaj pan:pa pat:kxr pbu:ps pcr:adx per:fa pes:fa pli:pi plt:mg pmc:huw pmk:crr pmu:phr pnb:lah "
    "pol:pl por:pt ppa:bfy ppr:lcq prp:gu prs:fa-AF pry:prt pus:ps puz:pub que:qu quz:qu rmr:emx rmy:rom roh:rm "
    "ron:ro rum:ro run:rn rus:ru sag:sg san:sa sap:aqt sca:hle scc:sr scr:hr sgl:isk sh:sr-Latn sin:si skk:oyb "
    "slk:sk slo:sk slv:sl smd:kmb sme:se smo:sm sna:sn snb:iba snd:sd som:so sot:st spa:es spy:kln sqi:sq src:sc "
    "srd:sc srp:sr ssw:ss sul:sgd sum:ulw sun:su swa:sw swc:sw-CD swe:sv swh:sw szd:umi tah:ty tam:ta tat:tt "
    "tdu:dtp tel:te tgg:bjp tgk:tg tgl:fil tha:th thc:tpo thw:ola thx:oyb tib:bo tid:itd tie:ras tir:ti tkk:twm "
    "tl:fil tlw:weo tmk:tdg tmp:tyj tne:kak tnf:fa-AF ton:to tpw:tpn tsf:taj tsn:tn tso:ts ttq:tmh tuk:tk tur:tr "
    "tw:ak twi:ak uig:ug ukr:uk umu:del unp:wro uok:ema urd:ur uzb:uz uzn:uz ven:ve vie:vi vol:vo wel:cy wgw:wgb "
    "wit:nol wiw:nwo wln:wa wol:wo xba:cax xho:xh xia:acn xkh:waw xpe:kpe xrq:dmw xsj:suj xsl:den xss:zko ybd:rki "
    "ydd:yi yen:ynq yid:yi yiy:yrm yma:lrr ymt:mtm yor:yo yos:zom yuu:yug zai:zap zha:za zho:zh zir:scv zkb:kjh "
    "zsm:ms zul:zu zyb:za "
)

#: All codes of two letters, the old ones too; those of three letters are some 8,000.
TWO_LETTERS = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik in io is it
    iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo
    mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh
    si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh
    yi yo za zh zu
    """.split()  # noqa: SIM905 - easier to read
)

# The script of a language, if it is not the Latin one; Chinese has two.
_SCRIPTS = {
    "Arab": "ar fa ks ps sd ug ur",
    "Armn": "hy",
    "Avst": "ae",
    "Beng": "as bn",
    "Cans": "cr iu oj",
    "Cyrl": "ab av ba be bg ce cu cv kk kv ky mk mn os ru sr tg tt uk",
    "Deva": "bh hi mr ne sa",
    "Ethi": "am ti",
    "Geor": "ka",
    "Grek": "el",
    "Gujr": "gu",
    "Guru": "pa",
    "Hebr": "he yi",
    "Jpan": "ja",
    "Khmr": "km",
    "Knda": "kn",
    "Kore": "ko",
    "Laoo": "lo",
    "Mlym": "ml",
    "Mymr": "my",
    "Orya": "or",
    "Sinh": "si",
    "Taml": "ta",
    "Telu": "te",
    "Thaa": "dv",
    "Thai": "th",
    "Tibt": "bo dz",
    "Yiii": "ii",
}

# Names of languages, in English and as they call themselves.
_NAMES = (
    "abkhazian:ab; afar:aa; afrikaans:af; akan:ak; albanian:sq; amharic:am; arabic:ar; aragonese:an; armenian:hy; "
    "assamese:as; avaric:av; avestan:ae; aymara:ay; azerbaijani:az; azərbaycan:az; bahasa indonesia:id; "
    "bamanakan:bm; bambara:bm; bangla:bn; basa sunda:su; bashkir:ba; basque:eu; belarusian:be; bengali:bn; "
    "bhojpuri:bh; bislama:bi; bokmål:no; bosanski:bs; bosnian:bs; brazilian:pt-BR; breton:br; brezhoneg:br; "
    "bulgarian:bg; burmese:my; cantonese:yue; castellano:es; castilian:es; catalan:ca; català:ca; chamorro:ch; "
    "chechen:ce; chinese:zh; chishona:sn; church slavic:cu; chuvash:cv; cornish:kw; corsican:co; cree:cr; "
    "croatian:hr; cymraeg:cy; czech:cs; danish:da; dansk:da; davvisámegiella:se; deutsch:de; divehi:dv; dutch:nl; "
    "dzongkha:dz; eesti:et; english:en; espanol:es; español:es; esperanto:eo; estonian:et; euskara:eu; ewe:ee; "
    "eʋegbe:ee; faroese:fo; farsi:fa; fijian:fj; filipino:fil; finnish:fi; flemish:nl; francais:fr; français:fr; "
    "french:fr; frysk:fy; fula:ff; føroyskt:fo; gaeilge:ga; gaelg:gv; galego:gl; galician:gl; ganda:lg; "
    "georgian:ka; german:de; gikuyu:ki; greek:el; guarani:gn; gujarati:gu; gàidhlig:gd; haitian creole:ht; "
    "hausa:ha; hebrew:he; herero:hz; hindi:hi; hiri motu:ho; hrvatski:hr; hungarian:hu; icelandic:is; ido:io; "
    "igbo:ig; ikinyarwanda:rw; ikirundi:rn; indonesia:id; indonesian:id; interlingua:ia; interlingue:ie; "
    "inuktitut:iu; inupiaq:ik; irish:ga; isindebele:nd; isixhosa:xh; isizulu:zu; italian:it; italiano:it; "
    "japanese:ja; javanese:jv; jawa:jv; kalaallisut:kl; kannada:kn; kanuri:kr; kashmiri:ks; kazakh:kk; kernewek:kw; "
    "khmer:km; kikuyu:ki; kinyarwanda:rw; kiswahili:sw; komi:kv; kongo:kg; korean:ko; kuanyama:kj; kurdish:ku; "
    "kurdî (kurmancî):ku; kyrgyz:ky; lao:lo; latin:la; latvian:lv; latviešu:lv; lea fakatonga:to; lietuvių:lt; "
    "limburgish:li; lingala:ln; lingála:ln; lithuanian:lt; luba-katanga:lu; luganda:lg; luxembourgish:lb; "
    "lëtzebuergesch:lb; macedonian:mk; magyar:hu; malagasy:mg; malay:ms; malayalam:ml; maltese:mt; malti:mt; "
    "mandarin:zh; manx:gv; marathi:mr; marshallese:mh; melayu:ms; mongolian:mn; māori:mi; nauru:na; navajo:nv; "
    "ndonga:ng; nederlands:nl; nepali:ne; norsk:no; norsk bokmål:no; norsk nynorsk:nn; north ndebele:nd; northern "
    "sami:se; norwegian:no; norwegian bokmål:no; norwegian nynorsk:nn; nyanja:ny; occitan:oc; odia:or; ojibwa:oj; "
    "oriya:or; oromo:om; oromoo:om; ossetic:os; o‘zbek:uz; pali:pi; pashto:ps; persian:fa; polish:pl; polski:pl; "
    "portugues:pt; portuguese:pt; português:pt; pulaar:ff; punjabi:pa; quechua:qu; romanian:ro; romansh:rm; "
    "română:ro; rumantsch:rm; runasimi:qu; rundi:rn; russian:ru; samoan:sm; sango:sg; sanskrit:sa; sardinian:sc; "
    "sardu:sc; scottish gaelic:gd; serbian:sr; sesotho:st; setswana:tn; shona:sn; shqip:sq; sichuan yi:ii; "
    "simplified chinese:zh-Hans; sindhi:sd; sinhala:si; slovak:sk; slovenian:sl; slovenčina:sk; slovenščina:sl; "
    "somali:so; soomaali:so; sorani:ckb; south ndebele:nr; southern sotho:st; spanish:es; sundanese:su; suomi:fi; "
    "svenska:sv; swahili:sw; swati:ss; swedish:sv; sängö:sg; tagalog:fil; tahitian:ty; tajik:tg; tamil:ta; "
    "tatar:tt; telugu:te; thai:th; tibetan:bo; tigrinya:ti; tiếng việt:vi; tongan:to; traditional chinese:zh-Hant; "
    "tshiluba:lu; tsonga:ts; tswana:tn; turkce:tr; turkish:tr; turkmen:tk; türkmen dili:tk; türkçe:tr; "
    "ukrainian:uk; urdu:ur; uyghur:ug; uzbek:uz; vahcuengh:za; venda:ve; vietnamese:vi; volapük:vo; walloon:wa; "
    "welsh:cy; western frisian:fy; wolof:wo; xhosa:xh; yiddish:yi; yoruba:yo; zhuang:za; zulu:zu; èdè yorùbá:yo; "
    "íslenska:is; čeština:cs; ελληνικά:el; башҡорт:ba; беларуская:be; български:bg; ирон:os; кыргызча:ky; "
    "македонски:mk; монгол:mn; нохчийн:ce; русский:ru; српски:sr; татар:tt; тоҷикӣ:tg; українська:uk; чӑваш "
    "чӗлхи:cv; қазақ тілі:kk; հայերեն:hy; ייִדיש:yi; עברית:he; ئۇيغۇرچە:ug; اردو:ur; العربية:ar; سنڌي:sd; فارسی:fa; "
    "پښتو:ps; کٲشُر:ks; नेपाली:ne; मराठी:mr; संस्कृत भाषा:sa; हिन्दी:hi; অসমীয়া:as; বাংলা:bn; ਪੰਜਾਬੀ:pa; "
    "ગુજરાતી:gu; ଓଡ଼ିଆ:or; தமிழ்:ta; తెలుగు:te; ಕನ್ನಡ:kn; മലയാളം:ml; සිංහල:si; ไทย:th; ລາວ:lo; བོད་སྐད་:bo; "
    "རྫོང་ཁ:dz; မြန်မာ:my; ქართული:ka; ትግርኛ:ti; አማርኛ:am; ខ្មែរ:km; 中文:zh; 日本語:ja; ꆈꌠꉙ:ii; 한국어:ko "
)

ALIASES: dict[str, str] = dict(pair.split(":") for pair in "".join(_ALIASES).split())
SCRIPTS: dict[str, str] = {code: script for script, codes in _SCRIPTS.items() for code in codes.split()}
NAMES: dict[str, str] = dict(pair.split(":") for pair in "".join(_NAMES).split("; "))

#: Tags from before there were rules for them, and what they are now.
GRANDFATHERED = {
    "art-lojban": "jbo",
    "cel-gaulish": "xtg",
    "en-gb-oed": "en-GB",
    "i-ami": "ami",
    "i-bnn": "bnn",
    "i-hak": "hak",
    "i-klingon": "tlh",
    "i-lux": "lb",
    "i-mingo": "see",
    "i-navajo": "nv",
    "i-pwn": "pwn",
    "i-tao": "tao",
    "i-tay": "tay",
    "i-tsu": "tsu",
    "no-bok": "no",
    "no-nyn": "nn",
    "sgn-be-fr": "sfb",
    "sgn-be-nl": "vgt",
    "sgn-ch-de": "sgg",
    "zh-guoyu": "zh",
    "zh-hakka": "hak",
    "zh-min": "zh",
    "zh-min-nan": "nan",
    "zh-xiang": "hsn",
}

#: Codes of countries and the like that are mistaken for language codes.
MISTAKEN = {
    "at": "de", "cn": "zh", "cz": "cs", "dk": "da", "gb": "en", "gr": "el", "il": "he", "ir": "fa", "jp": "ja",
    "mx": "es", "ph": "fil", "rs": "sr", "ua": "uk", "us": "en", "vn": "vi",
}  # fmt: skip
