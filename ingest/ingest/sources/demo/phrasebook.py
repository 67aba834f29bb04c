"""The texts of the demo: topics with their spellings, and sentences for them; all are made up."""

from typing import NamedTuple


class Language(NamedTuple):
    """A language of the demo: its share of the posts, its topics (spellings of each), its sentences.

    `{a}` and `{b}` in a sentence are replaced by a hashtag; a sentence without them is a post without tags. `wording`
    puts other words around the sentences.
    """

    code: str
    share: float
    topics: tuple[tuple[str, ...], ...]
    tagged: tuple[str, ...]
    paired: tuple[str, ...]
    plain: tuple[str, ...]


#: Topics with the same tags in every language.
SHARED_TOPICS = (
    ("WorldCup", "worldcup", "WORLDCUP", "Worldcup"),
    ("OpenSource", "opensource", "OpenSOURCE"),
    ("Python", "python"),
    ("NewMusic", "newmusic", "NEWMUSIC"),
)

LANGUAGES = (
    Language(
        "en",
        0.34,
        (
            ("Football", "football", "FOOTBALL"),
            ("MatchDay", "matchday", "Matchday"),
            ("ClimateAction", "climateaction", "CLIMATEACTION"),
            ("Photography", "photography"),
            ("GoodMorning", "goodmorning"),
            ("MondayMotivation", "mondaymotivation"),
            ("SpaceWalk", "spacewalk"),
            ("Gardening", "gardening"),
            ("StreetFood", "streetfood", "Streetfood"),
            ("NightTrain", "nighttrain"),
            ("BookClub", "bookclub", "Bookclub"),
            ("Marathon2026", "marathon2026"),
            ("ＳｕｍｍｅｒＳａｌｅ", "SummerSale", "summersale"),
        ),
        (
            "Can't believe what just happened. #{a}",
            "Who else is still awake for #{a}? Asking for a friend.",
            "Second coffee, third row, best seat in the house. #{a}",
            "My neighbour won't stop talking about #{a} and honestly, same.",
            "That last minute though!! #{a}",
            "Three years ago nobody would have bet on this. #{a} 🎉",
            "Quick question for everybody following #{a}: is it always this loud?",
            "Live from the kitchen table: #{a}, day four.",
        ),
        (
            "If you only follow two things today: #{a} and #{b}.",
            "#{a} in the morning, #{b} in the evening, no regrets.",
            "Somebody explain how #{a} turned into #{b} overnight 😅",
        ),
        (
            "The rain has finally stopped. Going out.",
            "Lost my keys twice today, found them three times.",
            "Soup weather. No further questions.",
        ),
    ),
    Language(
        "es",
        0.14,
        (
            ("Fútbol", "fútbol", "FÚTBOL"),
            ("Mundial2026", "mundial2026"),
            ("Música", "música", "MÚSICA"),
            ("BuenosDías", "buenosdías"),
            ("Verano", "verano"),
            ("CocinaCasera", "cocinacasera"),
            ("Cine", "cine", "CINE"),
        ),
        (
            "No me lo puedo creer, qué final. #{a}",
            "Hoy toca #{a} con toda la familia.",
            "¿Alguien más pendiente de #{a} esta noche?",
            "Desde el balcón también se vive #{a} 🎶",
        ),
        ("Entre #{a} y #{b} se me fue la tarde.", "Primero #{a}, después #{b}, y a dormir."),
        ("Se acabó el café y todavía es martes.", "Qué bien huele la calle cuando llueve."),
    ),
    Language(
        "pt-BR",
        0.11,
        (
            ("Futebol", "futebol", "FUTEBOL"),
            ("Carnaval", "carnaval", "CARNAVAL"),
            ("Praia", "praia"),
            ("BomDia", "bomdia", "BOMDIA"),
            ("Samba", "samba"),
            ("PãoDeQueijo", "pãodequeijo"),
        ),
        (
            "Que jogo, minha gente! #{a}",
            "Ninguém dorme hoje por causa de #{a}.",
            "Meu avô já sabia: #{a} é coisa séria 💛",
        ),
        ("De dia #{a}, de noite #{b}.", "Trocaria #{a} por #{b} sem pensar duas vezes."),
        ("Esqueci o guarda-chuva outra vez.", "Hoje o ônibus veio vazio, milagre."),
    ),
    Language(
        "de",
        0.06,
        (
            ("Straßenbahn", "straßenbahn", "STRASSENBAHN"),
            ("Fußball", "fußball", "FUSSBALL"),
            ("Bahnstreik", "bahnstreik"),
            ("Feierabend", "feierabend"),
        ),
        ("Schon wieder #{a}, ich sag nichts mehr.", "Wer ist noch bei #{a} dabei?", "Kurz vor Schluss: #{a}!"),
        ("Erst #{a}, dann #{b}. Guter Plan.",),
        ("Der Kaffee ist leer, die Laune auch.",),
    ),
    Language(
        "fr",
        0.06,
        (
            ("Été2026", "été2026", "ÉTÉ2026"),
            ("CaféDuMatin", "cafédumatin"),
            ("Cinéma", "cinéma"),
            ("MétroParisien", "métroparisien"),
        ),
        ("Toute la rue parle de #{a}.", "On ne s'attendait pas à ça… #{a}", "Encore une soirée #{a} 🥐"),
        ("#{a} ou #{b} ? Les deux.",),
        ("Il pleut, donc je range les livres.",),
    ),
    Language(
        "ru",
        0.08,
        (
            ("Футбол", "футбол", "ФУТБОЛ"),
            ("Новости", "новости"),
            ("Музыка", "музыка", "МУЗЫКА"),
            ("ДоброеУтро", "доброеутро"),
            ("Космос", "космос"),
        ),
        ("Весь двор смотрит #{a}.", "Кто ещё не спит из-за #{a}?", "Вот это поворот! #{a}"),
        ("Сначала #{a}, потом #{b}, и домой.",),
        ("Снег выпал, а лопаты нет.",),
    ),
    Language(
        "ar",
        0.07,
        (
            ("كأس_العالم", "كأس_العالم"),
            ("كرة_القدم",),
            ("موسيقى",),
            ("صباح_الخير",),
            ("قهوة",),
        ),
        ("لا أصدق ما حدث الليلة #{a}", "كل الحي يتحدث عن #{a}", "من يتابع #{a} الآن؟"),
        ("بين #{a} و #{b} ضاع المساء",),
        ("المطر توقف أخيرا",),
    ),
    Language(
        "ja",
        0.09,
        (
            ("サッカー", "ｻｯｶｰ"),
            ("ワールドカップ", "ﾜｰﾙﾄﾞｶｯﾌﾟ"),
            ("おはよう",),
            ("桜",),
            ("新曲",),
            ("ラーメン", "ﾗｰﾒﾝ"),
        ),
        ("まさかの展開でした。 #{a}", "今夜は #{a} で寝られない", "駅前がすごい人！ #{a} ✨"),
        ("朝は #{a} 夜は #{b} という一日",),
        ("雨がやんだので散歩に行きます。",),
    ),
    Language(
        "ko",
        0.05,
        (
            ("월드컵",),
            ("축구",),
            ("신곡",),
            ("커피",),
            ("좋은아침",),
        ),
        ("오늘 밤은 #{a} 때문에 잠을 못 자요", "모두가 #{a} 이야기만 해요", "마지막 순간 대박! #{a}"),
        ("아침에는 #{a} 저녁에는 #{b}",),
        ("비가 그쳐서 산책하러 나가요.",),
    ),
)
