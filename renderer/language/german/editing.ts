import type { Texts } from '../texts.ts'

/** With what pictures are edited and pulled: the forms of those operations. */
export const editing: Texts = {
  Guides: 'Führung',
  'Width of the picture in pixels.': 'Breite des Bildes in Pixel.',
  'Height of the picture in pixels.': 'Höhe des Bildes in Pixel.',
  'A colour that the whole picture is pulled towards, as #ff8800; empty: none.':
    'Eine Farbe, zu der das ganze Bild gezogen wird, etwa #ff8800; leer: keine.',
  'Pull of the colour': 'Zug der Farbe',
  'How hard the picture is pulled towards that colour; 0: not at all, less: away from it.':
    'Wie stark das Bild zu dieser Farbe gezogen wird; 0: gar nicht, darunter: von ihr weg.',
  'Words by CLIP': 'Worte nach CLIP',
  'Words that a CLIP model shall see in the picture, in any model; several with weights: a cat : 2 | a dog : -1.':
    'Worte, die ein CLIP-Modell im Bild sehen soll, mit jedem Modell; mehrere mit Gewichten: a cat : 2 | a dog : -1.',
  'Pull of the words': 'Zug der Worte',
  'How hard the picture is pulled towards those words; 0: not at all, less: away from it.':
    'Wie stark das Bild zu diesen Worten gezogen wird; 0: gar nicht, darunter: von ihnen weg.',
  'Picture to resemble': 'Vorbild',
  'A picture of the library by its id, or a file, that the new one shall resemble; empty: none.':
    'Ein Bild der Bibliothek mit seiner Kennung, oder eine Datei, dem das neue ähneln soll; leer: keines.',
  'Resemble it in': 'Ähnlich in',
  'Colours: place by place; meaning: as a CLIP model sees it.':
    'Colours: Stelle für Stelle; meaning: wie ein CLIP-Modell es sieht.',
  'Pull of the picture': 'Zug des Bildes',
  'How hard the picture is pulled towards that picture; 0: not at all, less: away from it.':
    'Wie stark das Bild zu diesem Bild gezogen wird; 0: gar nicht, darunter: von ihm weg.',
  'Cut-outs': 'Ausschnitte',
  'How many random parts of the picture CLIP looks at in each step; more are slower and calmer.':
    'Wie viele zufällige Teile des Bildes CLIP in jedem Schritt ansieht; mehr sind langsamer und ruhiger.',
  'Gradient through': 'Gradient durch',
  'The estimate is quick; through the network the pull agrees with what the model can draw, at three times the cost.':
    'Die Schätzung ist schnell; durch das Netz passt der Zug zu dem, was das Modell zeichnen kann, zum dreifachen Preis.',
  Course: 'Verlauf',
  'How the pulls change over the steps.': 'Wie sich der Zug über die Schritte ändert.',
  'Pull from': 'Zug ab',
  'The part of the steps from which the pulls act, from 0 to 1.':
    'Der Teil der Schritte, ab dem gezogen wird, 0 bis 1.',
  'Pull until': 'Zug bis',
  'The part of the steps up to which the pulls act, from 0 to 1.':
    'Der Teil der Schritte, bis zu dem gezogen wird, 0 bis 1.',
  'CLIP model': 'CLIP-Modell',
  'The folder of the CLIP model that looks at pictures; empty: the one that comes with Sfumato.':
    'Der Ordner des CLIP-Modells, das Bilder ansieht; leer: das mit Sfumato gekommene.',
  'Edit words': 'Worte bearbeiten',
  'Draws a drawn picture again with words swapped, added or re-weighted, and keeps its composition.':
    'Zeichnet ein gezeichnetes Bild mit getauschten, hinzugefügten oder anders gewichteten Worten neu und behält seinen Aufbau.',
  'What the picture shows now.': 'Was das Bild jetzt zeigt.',
  'New words': 'Neue Worte',
  'What the picture shall show: the prompt with words swapped, added or taken away.':
    'Was das Bild zeigen soll: der Prompt mit getauschten, hinzugefügten oder weggenommenen Worten.',
  'Weights of words': 'Gewichte der Worte',
  'How much new words count, as "car:2, red:-1", from -2 to 4; 1: as they are. "car#2:3" means the second car.':
    'Wie viel neue Worte zählen, etwa „car:2, red:-1“, von -2 bis 4; 1: wie sie sind. „car#2:3“ meint das zweite car.',
  'Keep placement': 'Anordnung behalten',
  'For how much of the steps words look where they looked before (cross-attention).':
    'Für wie viel der Schritte Worte dorthin sehen, wohin sie vorher sahen (Cross-Attention).',
  'Keep shape': 'Form behalten',
  'For how much of the steps the picture keeps its shapes (self-attention).':
    'Für wie viel der Schritte das Bild seine Formen behält (Self-Attention).',
  'Change only where': 'Nur ändern bei',
  'Words, of the old or the new prompt, outside of whose places nothing changes; empty: everywhere.':
    'Worte des alten oder neuen Prompts, außerhalb deren Stellen sich nichts ändert; leer: überall.',
  Above: 'Über',
  'With "Change only where": how much of the most a place must be looked at to change.':
    'Mit „Nur ändern bei“: wie viel vom Höchsten eine Stelle angesehen werden muss, um sich zu ändern.',
  'Edit words of a picture': 'Worte eines Bildes bearbeiten',
  'Finds the noise that draws any picture, then edits what it shows word by word.':
    'Findet das Rauschen, das ein beliebiges Bild zeichnet, und bearbeitet dann Wort für Wort, was es zeigt.',
  'Finding the noise': 'Rauschen finden',
  'null-text finds the picture again most exactly and takes longest, negative-prompt nearly so at once, ddim alone drifts away under guidance.':
    'null-text findet das Bild am genauesten wieder und dauert am längsten, negative-prompt fast ebenso sofort, ddim allein treibt unter Guidance ab.',
  'Inner steps': 'Innere Schritte',
  'With null-text: how often each step is made better, at most.':
    'Mit null-text: wie oft jeder Schritt höchstens verbessert wird.',
  'Change what differs': 'Ändern, was verschieden ist',
  'Finds from old and new words where a picture must change, and changes nothing else.':
    'Findet aus alten und neuen Worten, wo sich ein Bild ändern muss, und ändert sonst nichts.',
  Looks: 'Blicke',
  'How many noises the mask is found from; more are slower and surer.':
    'Aus wie vielen Rauschen die Maske gefunden wird; mehr sind langsamer und sicherer.',
  'How far above the mean a place must differ to change: half of this many times. Lower: more changes.':
    'Wie weit über dem Mittel eine Stelle verschieden sein muss, um sich zu ändern: das Halbe hiervon mal so weit. Niedriger: mehr ändert sich.',
  'Noise of the looks': 'Rauschen der Blicke',
  'How much noise is put on the picture to find the mask.':
    'Wie viel Rauschen auf das Bild kommt, um die Maske zu finden.',
  'Keep structure': 'Struktur behalten',
  'Draws other words into the structure of a picture, or with its appearance.':
    'Zeichnet andere Worte in die Struktur eines Bildes, oder mit seinem Aussehen.',
  'structure keeps where things are and their outlines; appearance keeps how they look while they move.':
    'structure behält, wo Dinge sind, und ihre Umrisse; appearance behält, wie sie aussehen, während sie sich bewegen.',
  'Kept for': 'Behalten für',
  'structure: for how much of the steps it is kept; appearance: from which part of the steps on.':
    'structure: für wie viel der Schritte; appearance: ab welchem Teil der Schritte.',
  'Draw from its noise': 'Aus seinem Rauschen zeichnen',
  'Finds the noise that draws a picture, and draws it with other words.':
    'Findet das Rauschen, das ein Bild zeichnet, und zeichnet es mit anderen Worten.',
  'Mix a thing in': 'Ein Ding einmischen',
  'Draws what a prompt says in the layout of a picture: a corgi of coffee, a bag like a watermelon.':
    'Zeichnet, was ein Prompt sagt, im Aufbau eines Bildes: ein Corgi aus Kaffee, eine Tasche wie eine Melone.',
  'Layout from': 'Aufbau ab',
  'From which noise on the picture is followed: 1 is all noise.':
    'Ab welchem Rauschen dem Bild gefolgt wird: 1 ist nur Rauschen.',
  'Layout until': 'Aufbau bis',
  'Down to which noise the picture is mixed in; below it the prompt has its way.':
    'Bis zu welchem Rauschen das Bild eingemischt wird; darunter hat der Prompt das Wort.',
  Mix: 'Mischung',
  'How much of the new thing is in the mixture; the rest is the picture.':
    'Wie viel vom Neuen in der Mischung ist; der Rest ist das Bild.',
  'direct holds the old picture to its own way at each step; the others find it again: null-text most exactly and longest, negative-prompt at once, ddim drifting away.':
    'direct hält das alte Bild in jedem Schritt auf seinem eigenen Weg; die anderen finden es wieder: null-text am genauesten und längsten, negative-prompt sofort, ddim treibt ab.',
  'Paint with words': 'Mit Worten malen',
  'Draws the words of a prompt where they are painted.': 'Zeichnet die Worte eines Prompts dort, wo sie gemalt sind.',
  'Painted words': 'Gemalte Worte',
  'Parts of the picture, each with words of the prompt that are drawn there.':
    'Teile des Bildes, jeder mit Worten des Prompts, die dort gezeichnet werden.',
  'Tie to the words': 'Bindung an die Worte',
  'How strongly the words of a region are drawn to it; 0: not at all.':
    'Wie stark die Worte eines Bereichs zu ihm gezogen werden; 0: gar nicht.',
  'Complete a picture': 'Ein Bild ergänzen',
  'Draws anew what a mask marks, with a model that knows no words.':
    'Zeichnet neu, was eine Maske markiert, mit einem Modell, das keine Worte kennt.',
  Jump: 'Sprung',
  'How many steps it goes back into the noise, to bring new and old together.':
    'Wie viele Schritte es ins Rauschen zurückgeht, um Neues und Altes zusammenzubringen.',
  Passes: 'Durchgänge',
  'How often each part of the way is gone; 1: without jumps.':
    'Wie oft jeder Teil des Wegs gegangen wird; 1: ohne Sprünge.',
  'cross {share}': 'Cross {share}',
  'self {share}': 'Self {share}',
  Instruct: 'Anweisen',
  'Edits a picture as the prompt tells: "make it snowy". It takes a model that was made for instructions.':
    'Bearbeitet ein Bild, wie der Prompt es sagt: „make it snowy“. Dafür braucht es ein Modell für Anweisungen.',
  'Hold to the picture': 'Am Bild halten',
  'How hard the picture is held to the given one; 1: not at all, more keeps more of it.':
    'Wie stark das Bild am gegebenen gehalten wird; 1: gar nicht, mehr behält mehr davon.',
  'Paints into a mask what another picture shows. It takes a model that was made for examples.':
    'Malt in eine Maske, was ein anderes Bild zeigt. Dafür braucht es ein Modell, das für Beispiele gemacht ist.',
  Example: 'Beispiel',
  'What is painted into the mask, as another picture shows it.':
    'Was in die Maske gemalt wird, wie ein anderes Bild es zeigt.',
  'from picture {name}': 'aus Bild {name}',
  'from seed {seed}': 'aus Seed {seed}',
  'Mask from words': 'Maske aus Worten',
  'Where words look': 'Wohin Wörter sehen',
  'Shows for each word of a prompt which places of a picture it is about.':
    'Zeigt für jedes Wort einer Eingabe, von welchen Stellen eines Bildes es handelt.',
  'Which words of the prompt; empty: each of them.': 'Welche Wörter der Eingabe; leer: jedes.',
  'With how many amounts of noise the picture is looked at; more are slower and surer.':
    'Mit wie vielen Mengen Rauschen das Bild angesehen wird; mehr sind langsamer und sicherer.',
  'Finds in a picture what words say, and makes a mask of it.':
    'Findet in einem Bild, was Worte sagen, und macht eine Maske daraus.',
  'What to find in the picture; several things with commas between them.':
    'Was im Bild zu finden ist; mehrere Dinge mit Kommas dazwischen.',
  Threshold: 'Schwelle',
  'How sure the model must be of a place: less finds more.':
    'Wie sicher das Modell bei einer Stelle sein muss: weniger findet mehr.',
  'How gradually places count from about the threshold on; 0: wholly or not at all.':
    'Wie allmählich Stellen etwa von der Schwelle an zählen; 0: ganz oder gar nicht.',
  'Several things': 'Mehrere Dinge',
  'Marked together in one mask, or each in its own.': 'Zusammen in einer Maske oder jedes in seiner eigenen.',
  'Depth to image': 'Tiefe zu Bild',
  'Draws a picture anew and keeps how near and far things are. It takes a model that was made for depth.':
    'Zeichnet ein Bild neu und behält, wie nah und fern Dinge sind. Dafür braucht es ein Modell für Tiefe.',
  Depth: 'Tiefe',
  'How near each place is: near is bright, far is dark; of the proportions of the picture. Empty: a network that you bring finds it in the picture.':
    'Wie nah jede Stelle ist: Nahes ist hell, Fernes dunkel; im Seitenverhältnis des Bildes. Leer: Ein Netz, das du mitbringst, findet es im Bild.',
  'Find the depth': 'Tiefe finden',
  'The depth is any picture, in which a network that you bring finds how near things are.':
    'Die Tiefe ist irgendein Bild, in dem ein Netz, das du mitbringst, findet, wie nah die Dinge sind.',
  'Network for depth': 'Netz für Tiefe',
  'Which one finds the depth, by its name or ONNX file; empty: the first of the library.':
    'Welches die Tiefe findet, nach Name oder ONNX-Datei; leer: das erste der Bibliothek.',
  'Upscale with words': 'Mit Worten vergrößern',
  'Draws a small picture larger, with detail that the prompt names. It takes a model that was made for it.':
    'Zeichnet ein kleines Bild größer, mit Einzelheiten, die der Prompt nennt. Dafür braucht es ein Modell, das dazu gemacht ist.',
  'Noise on the picture': 'Rauschen auf dem Bild',
  'How much noise the model puts on the small picture before it looks at it: more invents more detail.':
    'Wie viel Rauschen das Modell auf das kleine Bild gibt, bevor es hinsieht: mehr erfindet mehr Einzelheiten.',
  'Part drawn at once': 'Teil auf einmal',
  "Large pictures are drawn in parts of this size that reach into each other; 0: the model's own size.":
    'Große Bilder entstehen in Teilen dieser Größe, die ineinandergreifen; 0: die Größe des Modells.',
  'Double the size': 'Größe verdoppeln',
  'Draws a picture at twice its size. It takes a model that was made for it.':
    'Zeichnet ein Bild doppelt so groß. Dafür braucht es ein Modell, das dazu gemacht ist.',
  Enlarge: 'Vergrößern',
  'Makes a picture larger and fills in detail; no words, and quick.':
    'Macht ein Bild größer und füllt Einzelheiten ein; ohne Worte, und schnell.',
  'Times larger': 'Wievielmal größer',
  'How many times wider and higher the picture becomes.': 'Wievielmal breiter und höher das Bild wird.',
  'Refine at a larger size': 'Größer verfeinern',
  'Makes a picture larger and draws its detail anew, part by part; any model can do it.':
    'Macht ein Bild größer und zeichnet seine Einzelheiten Teil für Teil neu; jedes Modell kann das.',
  'Draw large': 'Groß zeichnen',
  'Draws a picture at the size that the model knows, makes it larger, and draws its detail anew, part by part.':
    'Zeichnet ein Bild in der Größe, die das Modell kennt, macht es größer und zeichnet seine Einzelheiten Teil für Teil neu.',
  'Bend a picture (Imagic)': 'Ein Bild biegen (Imagic)',
  'Draws a picture that the model learned, as far towards its words as one likes; an empty prompt takes those that it was learned for.':
    'Zeichnet ein Bild, das das Modell gelernt hat, so weit zu seinen Worten hin, wie man mag; ein leerer Prompt nimmt die, für die es gelernt wurde.',
  'Learned picture': 'Gelerntes Bild',
  'What a training of a single picture made: by its name in the library, or its file.':
    'Was ein Training eines einzelnen Bildes gemacht hat: mit seinem Namen in der Bibliothek, oder seine Datei.',
  'Toward the words': 'Zu den Worten hin',
  'How far the picture is bent towards the words: 0 is the picture itself, 1 the words alone.':
    'Wie weit das Bild zu den Worten hin gebogen wird: 0 ist das Bild selbst, 1 sind die Worte allein.',
  'Change a learned picture (UniTune)': 'Ein gelerntes Bild ändern (UniTune)',
  'Draws a picture that the model learned anew with other words, and keeps what it is.':
    'Zeichnet ein Bild, das das Modell gelernt hat, mit anderen Worten neu und behält, was es ist.',
  'Learns one picture, so that it can then be bent towards words as far as one likes.':
    'Lernt ein Bild, damit es sich danach beliebig weit zu Worten hin biegen lässt.',
  'The picture that is learned.': 'Das Bild, das gelernt wird.',
  'What the picture shall become, as a whole: "a photo of a bird spreading wings".':
    'Was aus dem Bild als Ganzem werden soll: „a photo of a bird spreading wings“.',
  'Steps of the words': 'Schritte der Worte',
  'How long what the network is told is bent towards the picture, before the network itself learns.':
    'Wie lange das, was dem Netz gesagt wird, zum Bild hin gebogen wird, bevor das Netz selbst lernt.',
  'Rate of the words': 'Rate der Worte',
  'How large those corrections are.': 'Wie groß diese Korrekturen sind.',
  'Steps of the network': 'Schritte des Netzes',
  'How long the network then learns the picture: more keep it more exactly, and bend less.':
    'Wie lange das Netz danach das Bild lernt: mehr halten es genauer und biegen weniger.',
  'low rank: a LoRA beside the network, in little memory; all: the network itself, as the paper has it, for small models.':
    'low rank: ein LoRA neben dem Netz, mit wenig Speicher; all: das Netz selbst, wie es die Arbeit macht, für kleine Modelle.',
  'Hold on to a picture (UniTune)': 'Ein Bild festhalten (UniTune)',
  'Learns one picture under rare words, so that it stays itself when it is drawn anew with other words.':
    'Lernt ein Bild unter seltenen Worten, damit es es selbst bleibt, wenn es mit anderen Worten neu gezeichnet wird.',
  'Rare words': 'Seltene Worte',
  'Words that mean nothing to the model; they stand for the picture.':
    'Worte, die dem Modell nichts bedeuten; sie stehen für das Bild.',
  'How long the network learns the picture: more keep it more exactly, and bend less.':
    'Wie lange das Netz das Bild lernt: mehr halten es genauer und biegen weniger.',
  'The whole picture': 'Das ganze Bild',
  Bend: 'Biegen',
  'Hold on': 'Festhalten',
  'The model learns this picture once; then a slider bends it towards your words: a posture, a shape, another thing.':
    'Das Modell lernt dieses Bild einmal; danach biegt es ein Regler zu Ihren Worten hin: eine Haltung, eine Form, ein anderes Ding.',
  'The model learns this picture once; then it is drawn anew with other words, and stays the same picture.':
    'Das Modell lernt dieses Bild einmal; danach wird es mit anderen Worten neu gezeichnet und bleibt dasselbe Bild.',
  'What it shall become, as a whole': 'Was daraus als Ganzem werden soll',
  'Learn it for other words': 'Für andere Worte lernen',
  'a cat jumping, on a blue background': 'a cat jumping, on a blue background',
  'Learn the picture': 'Bild lernen',
  'It takes {size} of memory, more than there is for models.':
    'Es braucht {size} Speicher, mehr als für Modelle da ist.',
  'Learned for': 'Gelernt für',
  'What it shall show': 'Was es zeigen soll',
  'The Words panel of the Studio draws with it, at the picture that it was learned from.':
    'Das Feld „Worte“ im Studio zeichnet damit, bei dem Bild, von dem es gelernt wurde.',
  Waiting: 'Wartet',
  Draw: 'Zeichnen',
  Detail: 'Details',
  'Draw detail': 'Details zeichnen',
  'Draws what the mask covers again at the full size of the model, each place for itself: small things get detail.':
    'Zeichnet noch einmal, was die Maske bedeckt, in der vollen Größe des Modells, jede Stelle für sich: Kleines bekommt Einzelheiten.',
  'Draws marked places anew at the full size of the model and puts them back, so that small things get detail.':
    'Zeichnet markierte Stellen in der vollen Größe des Modells neu und setzt sie zurück, damit Kleines Einzelheiten bekommt.',
  'White where detail shall be drawn; as large as the picture. Separate places are drawn each for itself.':
    'Weiß, wo Einzelheiten gezeichnet werden sollen; so groß wie das Bild. Getrennte Stellen werden jede für sich gezeichnet.',
  Boxes: 'Rahmen',
  'Places as "left,top,right,bottom" in pixels of the picture, several with ";" between them.':
    'Stellen als „links,oben,rechts,unten“ in Pixeln des Bildes, mehrere mit „;“ dazwischen.',
  'Each place for itself': 'Jede Stelle für sich',
  'Separate places of the mask are drawn one after the other, each at the full size; otherwise all together.':
    'Getrennte Stellen der Maske werden nacheinander gezeichnet, jede in voller Größe; sonst alle zusammen.',
  'How long': 'Wie lange',
  'How long it learns, as a part of what is usual: less is quicker and holds the picture less exactly.':
    'Wie lange es lernt, als Teil des Üblichen: weniger ist schneller und hält das Bild weniger genau.',
}
