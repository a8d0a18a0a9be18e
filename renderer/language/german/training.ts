import type { Texts } from '../texts.ts'

/** With what is taught: the forms of the trainers. */
export const training: Texts = {
  'The model that is merged into the first.': 'Das Modell, das in das erste gemischt wird.',
  'Of add difference: what both the first and the second came from.':
    'Zur Differenz: woraus das erste und das zweite entstanden sind.',
  'The folder of the pictures to learn from, or a data set; a text file beside a picture is its caption.':
    'Der Ordner mit den Bildern zum Lernen, oder ein Datensatz; eine Textdatei neben einem Bild ist seine Beschriftung.',
  Identifier: 'Kennwort',
  'A rare word that will mean what is learned, e.g. sks.':
    'Ein seltenes Wort, das dann das Gelernte bedeutet, z. B. sks.',
  'What kind of thing it is, e.g. cat.': 'Was für ein Ding es ist, z. B. cat.',
  'What the result is called; empty: after what was learned.': 'Wie das Ergebnis heißt; leer: nach dem Gelernten.',
  'How often the network is corrected; too many learn the pictures by heart.':
    'Wie oft das Netz verbessert wird; zu viele lernen die Bilder auswendig.',
  'Pictures at once': 'Bilder auf einmal',
  'How many pictures each correction looks at.': 'Wie viele Bilder jede Verbesserung ansieht.',
  'Batches for one step': 'Stapel je Schritt',
  'Batches whose corrections are averaged: as more at once, in less memory.':
    'Stapel, deren Verbesserungen gemittelt werden: wie mehr auf einmal, in weniger Speicher.',
  'Learning rate': 'Lernrate',
  'How large each correction is; 0: what suits the size of the network.':
    'Wie groß jede Verbesserung ist; 0: was zur Größe des Netzes passt.',
  'Learning rate over time': 'Lernrate im Verlauf',
  'How the learning rate changes.': 'Wie sich die Lernrate ändert.',
  'Warm-up': 'Anlauf',
  'Steps during which the learning rate grows from nothing.': 'Schritte, in denen die Lernrate von null an wächst.',
  Optimiser: 'Optimierer',
  'How corrections are made of gradients; Prodigy finds the learning rate itself.':
    'Wie aus Gradienten Verbesserungen werden; Prodigy findet die Lernrate selbst.',
  'Longest gradient': 'Längster Gradient',
  'Longer ones are shortened, so that one odd picture spoils nothing; 0: none.':
    'Längere werden gekürzt, damit ein seltsames Bild nichts verdirbt; 0: keine.',
  Mirror: 'Spiegeln',
  'Shows the pictures mirrored as well; not for what has a left and a right.':
    'Zeigt die Bilder auch gespiegelt; nicht für das, was links und rechts kennt.',
  'Save every': 'Sichern alle',
  'Steps from one saved state to the next.': 'Schritte von einem gesicherten Stand zum nächsten.',
  'Show every': 'Zeigen alle',
  'Steps from one set of trial pictures to the next; 0: at the end alone.':
    'Schritte von den einen Probebildern zu den nächsten; 0: nur am Ende.',
  'Empty captions': 'Leere Beschriftungen',
  'How often a caption is left out, so that guidance knows what to draw away from.':
    'Wie oft eine Beschriftung wegbleibt, damit die Guidance weiß, wovon sie wegzieht.',
  'Min-SNR': 'Min-SNR',
  'Limits how much pictures with little noise count (5 is usual); 0: no limit.':
    'Begrenzt, wie viel Bilder mit wenig Rauschen zählen (üblich 5); 0: keine Grenze.',
  'Noise offset': 'Rauschversatz',
  'Lets the model learn very dark and very bright pictures (0.1 is much).':
    'Lässt das Modell sehr dunkle und sehr helle Bilder lernen (0,1 ist viel).',
  Rank: 'Rang',
  'Size of the LoRA: more holds more, and learns by heart sooner.':
    'Größe des LoRA: mehr fasst mehr und lernt eher auswendig.',
  Alpha: 'Alpha',
  'The LoRA counts alpha / rank times.': 'Das LoRA zählt alpha / Rang mal.',
  'Feed-forward layers': 'Feed-Forward-Schichten',
  'Changes these layers as well.': 'Ändert auch diese Schichten.',
  Convolutions: 'Faltungen',
  'Changes these layers as well: they hold the shapes.': 'Ändert auch diese Schichten: sie halten die Formen.',
  'Text encoder': 'Text-Encoder',
  'Changes what words mean to the model as well: a new thing is known sooner, and other prompts suffer sooner.':
    'Ändert auch, was Wörter für das Modell bedeuten: Neues ist eher bekannt, und andere Prompts leiden eher.',
  'Text learning rate': 'Lernrate für Text',
  'How large the corrections of the text encoder are; 0: half as large as the others.':
    'Wie groß die Verbesserungen des Text-Encoders sind; 0: halb so groß wie die anderen.',
  'Class images': 'Klassenbilder',
  'Pictures that the model draws first, from the captions without the identifier and of other things, so that it forgets nothing else; each step looks at as many of them as at the others.':
    'Bilder, die das Modell zuerst zeichnet, nach den Beschriftungen ohne Kennwort und von anderen Dingen, damit es sonst nichts vergisst; jeder Schritt sieht von ihnen so viele an wie von den anderen.',
  'Weight of class images': 'Gewicht der Klassenbilder',
  'How much they count beside what is learned.': 'Wie viel sie neben dem Gelernten zählen.',
  'Keep its own answers': 'Eigene Antworten behalten',
  'Class images, and captions that are left out, teach what the model itself would say of them, which keeps it as it was; without it they teach the pictures.':
    'Klassenbilder und weggelassene Beschriftungen lehren, was das Modell selbst dazu sagen würde; so bleibt es, wie es war. Sonst lehren sie die Bilder.',
  'Held back': 'Zurückgehalten',
  'Share of the pictures that is not learned from: how well the model does on them tells when to stop. None of fewer than twelve.':
    'Anteil der Bilder, aus denen nicht gelernt wird: wie gut das Modell bei ihnen ist, sagt, wann Schluss ist. Unter zwölf keine.',
  'Share of the pictures that is not learned from: how well the control does on them tells when to stop. None of fewer than twelve.':
    'Anteil der Bilder, aus denen nicht gelernt wird: wie gut die Steuerung bei ihnen ist, sagt, wann Schluss ist. Unter zwölf keine.',
  'Trial prompts': 'Probe-Prompts',
  'More prompts that trial pictures are drawn from while it learns, one a line.':
    'Weitere Prompts, nach denen während des Lernens Probebilder entstehen, einer je Zeile.',
  'What learns': 'Was lernt',
  'All of the network, its attention alone, or only where it listens to the words; the rest stays as it is.':
    'Das ganze Netz, nur seine Aufmerksamkeit, oder nur, wo es auf die Worte hört; der Rest bleibt, wie er ist.',
  'Moving average': 'Gleitender Mittelwert',
  'How slowly the weights that are kept follow those that learn; 0: the last ones are kept.':
    'Wie langsam die aufgehobenen Gewichte den lernenden folgen; 0: die letzten werden aufgehoben.',
  'Control pictures': 'Steuerbilder',
  'The folder of what the pictures are to be drawn from, each under the name of its picture; empty: it is found in the pictures themselves.':
    'Der Ordner dessen, wonach die Bilder gezeichnet werden, jedes unter dem Namen seines Bildes; leer: es wird in den Bildern selbst gefunden.',
  'How often a caption is left out, so that the control picture is looked at where the words say nothing.':
    'Wie oft eine Beschriftung wegbleibt, damit das Steuerbild angesehen wird, wo die Worte nichts sagen.',
  'Weak edges': 'Schwache Kanten',
  'How strong an edge must be to go on from a sure one, where edges are found.':
    'Wie stark eine Kante sein muss, um eine sichere fortzusetzen, wo Kanten gefunden werden.',
  'Sure edges': 'Sichere Kanten',
  'How strong an edge must be to be sure, where edges are found.':
    'Wie stark eine Kante sein muss, um sicher zu sein, wo Kanten gefunden werden.',
  Caption: 'Beschriftung',
  'What pictures show that have no text file; empty: nothing is said.':
    'Was Bilder ohne Textdatei zeigen; leer: es wird nichts gesagt.',
  'Goes on from': 'Geht weiter von',
  'A ControlNet that learns on, by its name or path; empty: a new one, copied from the model.':
    'Ein ControlNet, das weiterlernt, mit Namen oder Pfad; leer: ein neues, vom Modell kopiert.',
  Resolution: 'Auflösung',
  'Width and height that the pictures are brought to; 0: what the model draws.':
    'Breite und Höhe, auf die die Bilder gebracht werden; 0: was das Modell zeichnet.',
  'Less memory': 'Weniger Speicher',
  'Computes parts of the network again instead of keeping them; about a third slower.':
    'Rechnet Teile des Netzes neu, statt sie zu behalten; etwa ein Drittel langsamer.',
  Masks: 'Masken',
  'The folder of the masks, white where an object is: cat.png for cat.jpg, cat.1.png and cat.2.png for several; a text file beside a mask says what it is. Empty: what is not transparent in the pictures.':
    'Der Ordner der Masken, weiß, wo ein Ding ist: cat.png für cat.jpg, cat.1.png und cat.2.png für mehrere; eine Textdatei neben einer Maske sagt, was es ist. Leer: was in den Bildern nicht durchsichtig ist.',
  'Whole pictures': 'Ganze Bilder',
  'How often a whole picture is drawn from its words, so that the model forgets nothing of what it could.':
    'Wie oft ein ganzes Bild nach seinen Worten gezeichnet wird, damit das Modell nichts von dem vergisst, was es konnte.',
  'Weight of masks': 'Gewicht der Masken',
  'How much finding the object counts beside drawing it.': 'Wie viel es neben dem Zeichnen zählt, das Ding zu finden.',
  Vectors: 'Vektoren',
  'How many vectors stand for the word: more hold more, and take room in the prompt.':
    'Wie viele Vektoren für das Wort stehen: mehr fassen mehr und nehmen Platz im Prompt.',
  'What it answers': 'Was es antwortet',
  'What the network is asked about a noisy picture: its noise, v, or the clean picture; edm: at noise levels of every size; mixed: the clean picture, noise mixed in evenly.':
    'Was das Netz zu einem verrauschten Bild gefragt wird: sein Rauschen, v oder das reine Bild; edm: bei Rauschen jeder Größe; mixed: das reine Bild, Rauschen gleichmäßig eingemischt.',
  'Weight of noise levels': 'Gewicht der Rauschstufen',
  'min-snr: pictures with little noise count less; p2: those of which much can be seen count less.':
    'min-snr: Bilder mit wenig Rauschen zählen weniger; p2: solche, von denen viel zu sehen ist, zählen weniger.',
  'Pictures to measure': 'Bilder zum Messen',
  'Pictures that are drawn at each look, to tell how far they are from those that are learned (FID and kernel distance); 0: none.':
    'Bilder, die bei jedem Blick gezeichnet werden, um zu sagen, wie weit sie von den gelernten weg sind (FID und Kernel-Abstand); 0: keine.',
  'Measured with': 'Gemessen mit',
  'The file of an InceptionV3 or the folder of a CLIP model that sees the pictures; empty: the built-in CLIP, which knows its own kind of picture alone.':
    'Die Datei eines InceptionV3 oder der Ordner eines CLIP-Modells, das die Bilder sieht; leer: das eingebaute CLIP, das nur seine eigene Art von Bildern kennt.',
  'Classes left away': 'Weggelassene Klassen',
  'How often the class is left away, so that guidance knows what to draw away from.':
    'Wie oft die Klasse wegbleibt, damit die Guidance weiß, wovon sie wegzieht.',
  'Close-ups': 'Nahaufnahmen',
  'Shows each picture from closer as well, so that what stands before its background is large: things that come out too small come out larger.':
    'Zeigt jedes Bild auch aus der Nähe, sodass groß ist, was vor dem Hintergrund steht: was zu klein herauskommt, wird größer.',
  'Learned under guidance': 'Unter Guidance gelernt',
  'How much of the guidance that pictures are drawn with counts while they are learned (2, with more steps), so that it exaggerates less and other things are kept better; 1: none. Only where it keeps its own answers.':
    'Wie viel der Guidance, mit der Bilder gezeichnet werden, beim Lernen zählt (2, mit mehr Schritten), damit sie weniger übertreibt und anderes besser bleibt; 1: nichts. Nur, wo eigene Antworten behalten werden.',
  'What {precision} loses': 'Was {precision} verliert',
  'Teach {name}': '{name} lehren',
  'a concept': 'ein Konzept',
  '{name} trained': '{name} trainiert',
  'Nothing was kept of it: a whole model is kept at its end.':
    'Davon wurde nichts behalten: ein ganzes Modell wird am Ende behalten.',
  '{name} is in Models, as it was after the last step.':
    '{name} steht unter Modelle, wie es nach dem letzten Schritt war.',
  'The whole model learns: it comes into Models at the end, or where you stop and keep it.':
    'Das ganze Modell lernt: am Ende kommt es unter Modelle, oder wo du anhältst und behältst.',
  'Nothing was kept of it.': 'Davon wurde nichts behalten.',
  'Nothing can be used yet: what is learned is kept at each look.':
    'Noch kann nichts genutzt werden: Gelerntes wird bei jedem Blick behalten.',
  'No picture is held back: look at the pictures, and take the step that you like best.':
    'Kein Bild ist zurückgehalten: sieh die Bilder an und nimm den Schritt, der dir am besten gefällt.',
  'Step {best} is closest to the held-back pictures so far.':
    'Schritt {best} ist den zurückgehaltenen Bildern bisher am nächsten.',
  'Step {best}, the last, is closest to the held-back pictures: more steps may do it good.':
    'Schritt {best}, der letzte, ist den zurückgehaltenen Bildern am nächsten: mehr Schritte tun vielleicht gut.',
  'Step {best} is closest to the held-back pictures; later steps are further from them.':
    'Schritt {best} ist den zurückgehaltenen Bildern am nächsten; spätere sind weiter von ihnen weg.',
  'Picture {number}': 'Bild {number}',
  'Word only': 'Nur das Wort',
  'Whole model': 'Ganzes Modell',
  'held back {loss}': 'zurückgehaltene {loss}',
  'held back {loss}, the best': 'zurückgehaltene {loss}, am besten',
  'No distance yet': 'Noch kein Abstand',
  'The distance is {distance} at step {step}': 'Der Abstand ist {distance} bei Schritt {step}',
  'The distance falls from {from} to {to} over {steps} steps':
    'Der Abstand fällt über {steps} Schritte von {from} auf {to}',
  'The distance rises from {from} to {to} over {steps} steps':
    'Der Abstand steigt über {steps} Schritte von {from} auf {to}',
  'How {name} is learned': 'Wie {name} gelernt wird',
  'How it is learned': 'Wie es gelernt wird',
  'Locked while it learns. Duplicate the run to change something.':
    'Gesperrt, solange es lernt. Dupliziere den Lauf, um etwas zu ändern.',
  'A run keeps its settings. Duplicate it to change something.':
    'Ein Lauf behält seine Einstellungen. Dupliziere ihn, um etwas zu ändern.',
  'as the model suits': 'wie es dem Modell passt',
  'half of the other': 'die Hälfte der anderen',
  'Name in prompts': 'Name in Prompts',
  'Kind of thing': 'Art des Dings',
  'Name of the result': 'Name des Ergebnisses',
  'No loss yet': 'Noch kein Verlust',
  'Loss falls from {from} to {to} over {steps} steps': 'Der Verlust fällt über {steps} Schritte von {from} auf {to}',
  'Loss rises from {from} to {to} over {steps} steps': 'Der Verlust steigt über {steps} Schritte von {from} auf {to}',
  '{own}; of held-back pictures it is {loss}': '{own}; bei zurückgehaltenen Bildern ist er {loss}',
  'step {step}': 'Schritt {step}',
  '{stage}, step {step} of {steps}': '{stage}, Schritt {step} von {steps}',
  'Waits in the queue': 'Wartet in der Schlange',
  Preparing: 'Bereitet vor',
  Learned: 'Gelernt',
  'Teach instructions': 'Anweisungen lehren',
  'Teaches a model to edit pictures as it is told, from pictures before and after; a new model is made.':
    'Lehrt ein Modell, Bilder zu bearbeiten, wie ihm gesagt wird, aus Bildern davor und danach; es entsteht ein neues Modell.',
  'Pictures before': 'Bilder davor',
  'The folder of the pictures before they were edited, each under the name of its edited picture, whose text file says what was asked for.':
    'Der Ordner der Bilder, bevor sie bearbeitet wurden, jedes unter dem Namen seines bearbeiteten Bildes, dessen Textdatei sagt, was verlangt war.',
  Instruction: 'Anweisung',
  'What was asked for where a picture has no text file.': 'Was verlangt war, wo ein Bild keine Textdatei hat.',
  'Left out': 'Weggelassen',
  'How often the words, the picture before, and both are left out, so that guidance knows what to draw away from.':
    'Wie oft die Worte, das Bild davor und beide weggelassen werden, damit die Führung weiß, wovon sie wegzeichnet.',
  'Found in the pictures': 'In den Bildern gefunden',
  'What the pictures are to be drawn from where no folder is named; poses and depth are found by a network, all else in the pixels.':
    'Wonach die Bilder gezeichnet werden sollen, wo kein Ordner genannt ist; Posen und Tiefe findet ein Netz, alles andere steht in den Pixeln.',
  'For poses and depth: a network by its name or path; empty: the first of the library, else the one that comes with the app.':
    'Für Posen und Tiefe: ein Netz mit Namen oder Pfad; leer: das erste der Bibliothek, sonst das mitgelieferte.',
}
