"""Parts of the body as rows: the codes and words that mean them, in several languages.

A row is needed for a part that nobody builds too: a knee must be known as a knee, or its film would
become a chest. A region plugged in under the same name takes the row's codes and words with it.
Body Part Examined is PS3.16 Annex L's of the row's part; of a part it does not list, of the one around it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the body."""

    name: str
    """Equal to the name of the region that shows it, once there is one."""
    body_part: str
    """Body Part Examined (0018,0015), PS3.16 Annex L as it is now; dciodvfy warns of FOREARM and LOWERLEG, newer than its list."""
    snomed: frozenset[str]
    """Body sites and procedures."""
    words: tuple[str, ...]
    instead: tuple[str, ...] = ()
    """The regions that show most of it, for a modality that does not see it: the first that it sees."""
    lacking: str = ""
    """What sections of that region do not show; empty when they show all of it."""


def _row(name: str, body_part: str, codes: str, words: str, instead: str = "", lacking: str = "") -> Place:
    listed = tuple(w.strip() for w in words.split(",") if w.strip())
    return Place(name, body_part, frozenset(codes.split()), listed, tuple(instead.split()), lacking)


PLACES: tuple[Place, ...] = (
    # name, Body Part Examined, SNOMED CT codes, words: English, German, French, Spanish, Portuguese/Italian, others
    _row(
        "head",
        "HEAD",
        "69536005 12738006 303653007",
        "head, brain, cranial, cerebr, kopf, hirn, gehirn, tête, crânien, cerveau, cabeza,"
        " cerebro, cabeça, testa, cervello, headache, kopfschmerz, intracranial, concussion, stroke, dementia, 頭部, голова, головной мозг",
        "skull",
    ),
    _row(
        "skull",
        "SKULL",
        "89546000",
        "skull, cranium, calvaria, schädel, crâne, cráneo, crânio, cranio, череп, 頭蓋",
        "head",
    ),
    _row(
        "chest",
        "CHEST",
        "51185008 43799004 816094009 67734004 302551006 39607008 181216001 399208008 16335031000119103 169069000",
        "chest, thorax, thoracic, lung, pulmon, pleura, mediastin, pneumonia, dyspn, cough, cxr, hrct, ctpa, sternum, sternal, brust, brustkorb, lunge, poitrine, poumon, thoracique, tórax,"
        " torax, pecho, pulmón, pulmão, torace, polmon, upper trunk, 胸部, 胸, грудн, лёгк, легки",
        "breast",
    ),
    _row(
        "abdomen",
        "ABDOMEN",
        "818981001 818983003 113345001 302553009 80581009 10200004 32962002 396101000119105 169070004",
        "abdomen, abdominal, abd, belly, pancrea, spleen, splenic, stomach, bowel, colon, appendi, hepat, abdominal pain, oberbauch, bauch, ventre, barriga, addome, liver, leber, foie, hígado, 腹部, живот,"
        " брюшн",
    ),
    _row(
        "chest-abdomen",
        "CHESTABDOMEN",
        "416550000 418891003 429864007",
        "chest and abdomen, thorax und abdomen, chest/abdomen",
        "chest",
        "abdomen",
    ),
    _row(
        "chest-abdomen-pelvis",
        "CHESTABDPELVIS",
        "732167000 416775004 418023006 433761009 416319003",
        "chest abdomen pelvis, thorax abdomen becken, whole trunk, cap",
        "chest-abdomen",
        "pelvis",
    ),
    _row(
        "abdomen-pelvis",
        "ABDOMENPELVIS",
        "416949008 818982008 818987002 63337009 419394006 432370003 1148701004 16457501000119102",
        "abdomen and pelvis, abdominopelv, abdomen/pelvis, kub, urogram",
        "abdomen",
        "pelvis",
    ),
    _row(
        "pelvis",
        "PELVIS",
        "12921003 816092008 118645006 713021002 268425006 169071000 39723000 22356005",
        "pelvis, pelvic, pelv, sacroiliac, ilium, becken, bassin, pelviano, pelve, bacino, таз, 骨盤",
    ),
    _row(
        "hip",
        "HIP",
        "29836001 24136001",
        "hip, hips, acetabul, hüfte, hanche, cadera, quadril, anca, 股関節",
        "pelvis",
    ),
    _row(
        "sacrum",
        "SSPINE",
        "54735007 64688005",
        "sacrum, sacral, coccyx, kreuzbein, steißbein, sacro, 仙骨",
        "pelvis",
    ),
    _row(
        "head-neck",
        "HEADNECK",
        "774007 361355005 429858000",
        "head and neck, kopf und hals, head/neck",
        "head",
        "neck",
    ),
    _row("neck-chest", "NECKCHEST", "417437006", "neck and chest, hals und thorax", "chest", "neck"),
    _row(
        "neck", "NECK", "45048000 302550007", "neck, hals, cou, cuello, pescoço, collo, thyroid, schilddrüse"
    ),
    _row("carotid", "CAROTID", "51345006 69105007 709979004", "carotid, karotis, carótida"),
    _row(
        "cervical-spine",
        "CSPINE",
        "122494005 1217257000",
        "cervical spine, cervical vertebra, cervico-thoracic spine, c-spine, c spine, cspine, hws, halswirbel, rachis"
        " cervical, columna cervical, coluna cervical, rachide cervicale, 頚椎, 頸椎",
    ),
    _row(
        "thoracic-spine",
        "TSPINE",
        "122495006 1217256009",
        "thoracic spine, thoracic vertebra, thoraco-lumbar spine, dorsal spine, t-spine, t spine, tspine, bws, brustwirbel,"
        " rachis dorsal, rachis thoracique, columna dorsal, columna torácica, coluna torácica, rachide dorsale, 胸椎",
    ),
    _row(
        "lumbar-spine",
        "LSPINE",
        "122496007 1217253001",
        "lumbar spine, lumbar vertebra, lumbar, lumbo-sacral spine, lumbosacral, l-spine, l spine, lspine, lws, lendenwirbel,"
        " lombaire, rachis lombaire, lombar, columna lumbar, coluna lombar, rachide lombare, 腰椎",
    ),
    _row(
        "spine",
        "SPINE",
        "421060004 51282000 737561001 110517009",
        "spine, spinal, vertebra, intervertebral, wirbelsäule, colonne, rachis, columna, coluna, colonna, rachide, 脊椎",
        "lumbar-spine",
        "rest of the spine",
    ),
    _row(
        "heart",
        "HEART",
        "80891009 302509004 241547009 40701008 433236007 105376000",
        "heart, cardiac, cardiac ct, coronary, echocardio, herz, coeur, cœur, corazón, coração, cuore",
    ),
    _row(
        "right-upper-quadrant",
        "ABDOMEN",
        "50519007 426701000119108 28231008",
        "right upper quadrant, gallbladder, gall bladder, gallenblase",
        "abdomen",
    ),
    _row("kidney", "KIDNEY", "64033007", "kidney, renal, niere, rein, riñón", "abdomen"),
    _row("breast", "BREAST", "76752008 181131000 71651007 1571000087109", "breast, mammogra, mamma"),
    _row(
        "ribs",
        "RIB",
        "113197003",
        "rib, ribs, rippe, hemithorax, côtes, costilla, costela, costole, 肋骨",
        "chest",
    ),
    _row(
        "clavicle",
        "CLAVICLE",
        "51299004 168594001 85856004 7844006",
        "clavicle, collarbone, acromioclavicular, sternoclavicular, schlüsselbein, clavicule, clavícula, clavicola, 鎖骨",
    ),
    _row(
        "shoulder",
        "SHOULDER",
        "16982005 79601000",
        "shoulder, scapula, schulter, épaule, omoplate, hombro, escápula, ombro, spalla, 肩",
    ),
    _row(
        "humerus",
        "HUMERUS",
        "40983000 85050009 713026007 1225002",
        "humerus, upper arm, oberarm, húmero, úmero, omero, arm, brazo, bras, 上腕",
    ),
    _row(
        "elbow",
        "ELBOW",
        "127949000 76248009 16953009",
        "elbow, ellenbogen, ellbogen, coude, codo, cotovelo, gomito, 肘",
    ),
    _row(
        "forearm",
        "FOREARM",
        "14975008 23416004 62413002 110535000",
        "forearm, unterarm, avant-bras, antebrazo, antebraço, avambraccio, radius, ulna, 前腕",
    ),
    _row(
        "wrist",
        "WRIST",
        "8205005 74670003 713024005 60027007 T-15460",
        "wrist, carpal, carpus, scaphoid, handgelenk, kahnbein, poignet, muñeca, pulso, polso, 手関節",
    ),
    _row(
        "hand",
        "HAND",
        "85562004 7569003 76505004",
        "hand, hands, bone age, knochenalter, âge osseux, edad ósea, finger, fingers, thumb, metacarp, phalan, daumen, doigt, pouce, mano, dedo, mão, 手",
    ),
    _row(
        "femur",
        "FEMUR",
        "71341001 68367000",
        "femur, femoral, thigh, oberschenkel, fémur, cuisse, muslo, coxa, femore, 大腿",
    ),
    _row(
        "knee",
        "KNEE",
        "72696002 49076000 1290407002 74016001 64234005",
        "knee, knees, patella, knie, kniescheibe, genou, rotule, rodilla, joelho, ginocchio, 膝",
    ),
    _row(
        "lower-leg",
        "LOWERLEG",
        "30021000 12611008 87342007 110536004",
        "tibia, fibula, lower leg, unterschenkel, leg, jambe, pierna, perna, gamba, 下腿",
    ),
    _row(
        "ankle",
        "ANKLE",
        "344001 70258002 1290459008 19490002",
        "ankle, ankles, malleol, sprunggelenk, knöchel, cheville, tobillo, tornozelo, caviglia, 足関節",
    ),
    _row(
        "foot",
        "FOOT",
        "56459004 29707007 80144004",
        "foot, feet, fuß, fuss, vorfuß, fersenbein, pied, pie, pé, piede, metatars, calcaneus, calcaneum, heel, talus, toe, toes, 足",
    ),
    _row(
        "mandible",
        "JAW",
        "91609006 661005 1290789000 19589009 53620006",
        "mandible, mandibular, jaw, temporomandibular, kiefer, unterkiefer, mandibule, mâchoire, mandíbula, mandibola, 下顎",
        "mouth",
    ),
    _row(
        "mouth",
        "MOUTH",
        "700016008 123851003 241046008 38199008",
        "mouth, bitewing, periapical, intraoral, intra-oral, dental, tooth, teeth, molar, zahn, bissflügel, dent, dents,"
        " rétroalvéolaire, diente, dentes, denti, 歯",
    ),
    _row(
        "face",
        "FACE",
        "89545001 91397008 2095001 363654007 74386004 13881006 70925003",
        "face, facial, facial bones, sinus, sinuses, paranasal, gesicht, nasennebenhöhlen, orbit, orbita, nasal, zygoma,"
        " jochbein, maxilla, cara, mastoid, temporal bone, felsenbein, 副鼻腔, 顔面",
    ),
    _row(
        "eye",
        "EYE",
        "181171005 5665001 81745001 314971001 700070005",
        "retina, eye, eyes, fundus, auge, œil, ojo",
    ),
    _row(
        "whole-body",
        "WHOLEBODY",
        "38266002",
        "whole body, pan scan, polytrauma, ganzkörper, corps entier, cuerpo entero",
    ),
)

TOGETHER: tuple[tuple[frozenset[str], str], ...] = (
    # parts named in one text, the place they are together; the first that fits
    (frozenset({"chest", "abdomen", "pelvis"}), "chest-abdomen-pelvis"),
    (frozenset({"chest", "abdomen-pelvis"}), "chest-abdomen-pelvis"),
    (frozenset({"chest-abdomen", "pelvis"}), "chest-abdomen-pelvis"),
    (frozenset({"chest", "abdomen"}), "chest-abdomen"),
    (frozenset({"abdomen", "pelvis"}), "abdomen-pelvis"),
    (frozenset({"head", "neck"}), "head-neck"),
    (frozenset({"neck", "chest"}), "neck-chest"),
)
