import type { Texts } from '../texts.ts'

/** What is said when a picture cannot be drawn, or a model cannot be taught. */
export const problemsOfDrawing: Texts = {
  '{folder} holds no control picture that can be read for any of the pictures.':
    '{folder} enthält zu keinem der Bilder ein Steuerbild, das gelesen werden kann.',
  'A control picture has the name of its picture: cat.png in both folders.':
    'Ein Steuerbild heißt wie sein Bild: cat.png in beiden Ordnern.',
  '{name} has two text encoders; words are learned by one alone.':
    '{name} hat zwei Text-Encoder; Wörter lernt nur ein einzelner.',
  'Train a LoRA instead, or choose a model like Stable Diffusion 1.5.':
    'Stattdessen ein LoRA trainieren, oder ein Modell wie Stable Diffusion 1.5 wählen.',
  'The loss became invalid at step {step}. {place}': 'Der Verlust wurde bei Schritt {step} ungültig. {place}',
  'Continue from {safe} at half the rate.': 'Ab {safe} mit halber Lernrate fortsetzen.',
  'Start again at half the rate.': 'Mit halber Lernrate neu beginnen.',
  'No ControlNet can be made for this model: {configPath} asks for {it}, which ControlNets do not have.':
    'Für dieses Modell lässt sich kein ControlNet machen: {configPath} verlangt {it}, und das haben ControlNets nicht.',
  'Models of flow matching cannot be trained.': 'Modelle mit Flow Matching können nicht trainiert werden.',
  '{folder} has no folders with pictures in it.': 'In {folder} sind keine Ordner mit Bildern.',
  'Put the pictures of each class into a folder of its name, all beside each other in one folder.':
    'Die Bilder jeder Klasse in einen Ordner mit deren Namen legen, alle nebeneinander in einem Ordner.',
  'This model is told the class of each picture, and a picture of the set has none.':
    'Diesem Modell wird zu jedem Bild die Klasse gesagt, und ein Bild des Datensatzes hat keine.',
  'Choose a set whose pictures have classes, or a model without.':
    'Einen Datensatz wählen, dessen Bilder Klassen haben, oder ein Modell ohne Klassen.',
  '{path} belongs to a training with other settings.': '{path} gehört zu einem Training mit anderen Einstellungen.',
  'Choose an empty folder, or the settings that it was begun with.':
    'Einen leeren Ordner wählen, oder die Einstellungen, mit denen es begonnen wurde.',
  '{name} was distilled to few steps and cannot be trained.':
    '{name} wurde auf wenige Schritte destilliert und kann nicht trainiert werden.',
  'Train the model that it was made from.': 'Das Modell trainieren, aus dem es entstand.',
  'Tensors of shapes [{shape}] and [{shape2}] cannot be combined.':
    'Tensoren der Formen [{shape}] und [{shape2}] lassen sich nicht verbinden.',
  'The seed {seed} is out of range.': 'Der Seed {seed} liegt außerhalb des Bereichs.',
  'Choose a whole number from 0 to {LARGEST_SEED}.': 'Eine ganze Zahl von 0 bis {LARGEST_SEED} wählen.',
  'No whole numbers can be drawn from {low} up to, without, {high}.':
    'Von {low} bis vor {high} lassen sich keine ganzen Zahlen ziehen.',
  'There is no random order of {n} things: 0 to {it} can be.':
    'Für {n} Dinge gibt es keine zufällige Reihenfolge: möglich sind 0 bis {it}.',
  'Weights must be zero or more, and their sum more than zero.':
    'Gewichte müssen null oder mehr sein, und ihre Summe mehr als null.',
  'A tensor of shape [{shape}] cannot hold {length} values.':
    'Ein Tensor der Form [{shape}] kann keine {length} Werte fassen.',
  'Choose a JSON file of OpenPose, with "people" and their "pose_keypoints_2d".':
    'Eine JSON-Datei von OpenPose wählen, mit „people“ und deren „pose_keypoints_2d“.',
  'The configuration of {className} cannot be used: {key}: {reason}.':
    'Die Konfiguration von {className} ist nicht zu gebrauchen: {key}: {reason}.',
  'Correct it in scheduler_config.json of the model, or choose another sampler.':
    'In scheduler_config.json des Modells berichtigen, oder einen anderen Sampler wählen.',
  '{className} cannot take {steps} steps with this model.':
    '{className} kann mit diesem Modell nicht {steps} Schritte gehen.',
  'Choose a whole number from {fewest} to {trainingSteps}.': 'Eine ganze Zahl von {fewest} bis {trainingSteps} wählen.',
  '{className} cannot visit the timesteps {it}.': '{className} kann die Zeitschritte {it} nicht besuchen.',
  'Give falling numbers from {it} to 0.': 'Fallende Zahlen von {it} bis 0 angeben.',
  '{className} visits whole timesteps, and {fraction} is none.':
    '{className} besucht ganze Zeitschritte, und {fraction} ist keiner.',
  'Round it.': 'Runden.',
  '{className} cannot visit the noise levels {it}.': '{className} kann die Rauschstufen {it} nicht besuchen.',
  'Give falling numbers, none below 0.': 'Fallende Zahlen angeben, keine unter 0.',
  '{className} would visit timestep {highest}, but this model was trained with {trainingSteps}.':
    '{className} würde den Zeitschritt {highest} besuchen, aber dieses Modell wurde mit {trainingSteps} trainiert.',
  '{className} cannot take {steps} steps at this strength.':
    '{className} kann bei dieser Stärke nicht {steps} Schritte gehen.',
  'Choose at most {count}, or more strength.': 'Höchstens {count} wählen, oder mehr Stärke.',
  'There is no sampler "{className}".': 'Es gibt keinen Sampler „{className}“.',
  'Choose one of {it}.': 'Eines davon wählen: {it}.',
  '{className} chooses its {name} itself.': '{className} wählt {name} selbst.',
  'Give a count of steps, or choose one of {it}.': 'Eine Zahl von Schritten angeben, oder eines davon wählen: {it}.',
  'LMS has no order {order}.': 'LMS hat keine Ordnung {order}.',
  'Choose 1, 2, 3 or 4.': '1, 2, 3 oder 4 wählen.',
  'Choose {it}.': '{it} wählen.',
  '{path} does not say how near things are: {it}.': '{path} sagt nicht, wie nah etwas ist: {it}.',
  'Bring MiDaS or Depth Anything as ONNX: it takes a picture [1, 3, height, width] and gives [1, height, width].':
    'MiDaS oder Depth Anything als ONNX bringen: es nimmt ein Bild [1, 3, Höhe, Breite] und gibt [1, Höhe, Breite].',
  '{path} finds no joints of figures: {it}.': '{path} findet keine Gelenke von Figuren: {it}.',
  'Bring RTMPose, MoveNet or another network for one figure of 17 or 18 joints as ONNX.':
    'RTMPose, MoveNet oder ein anderes Netz für eine Figur mit 17 oder 18 Gelenken als ONNX bringen.',
  'There is no network here that says how near things are.': 'Hier ist kein Netz, das sagt, wie nah etwas ist.',
  'Add MiDaS or Depth Anything as an ONNX file in Models, or give a depth picture.':
    'MiDaS oder Depth Anything als ONNX-Datei in Modelle hinzufügen, oder ein Tiefenbild geben.',
  'The {kind} {it} does not fit: {reason}.': '{kind} {it} passt nicht: {reason}.',
  'No {kind} of the library fits this model: choose another model, or add one that was made for it.':
    'Nichts in der Bibliothek ({kind}) passt zu diesem Modell: ein anderes Modell wählen, oder etwas hinzufügen, das dafür gemacht ist.',
  '"{title}" cannot use {name}: this model draws {kind}.':
    '„{title}“ kann {name} nicht verwenden: dieses Modell zeichnet {kind}.',
  'Choose another model, or {it}.': 'Ein anderes Modell wählen, oder {it}.',
  '"{title}" cannot use {name}: {sees}.': '„{title}“ kann {name} nicht verwenden: {sees}.',
  '{instead}: choose another model.': '{instead}: ein anderes Modell wählen.',
  'Choose another model, or {titles}.': 'Ein anderes Modell wählen, oder {titles}.',
  '{it} must be a multiple of {sizeMultiple} for {name}; {value} is not.':
    '{it} muss für {name} ein Vielfaches von {sizeMultiple} sein; {value} ist keines.',
  'Use {nearest}.': '{nearest} nehmen.',
  '"{title}" has no parameter "{name}".': '„{title}“ hat keinen Parameter „{name}“.',
  'It has {known}.': 'Es gibt {known}.',
  '"{name}" is missing.': '„{name}“ fehlt.',
  'There is no network here that finds poses in pictures.': 'Hier ist kein Netz, das in Bildern Posen findet.',
  'No figure was found in {name}.': 'In {name} wurde keine Figur gefunden.',
  'The new words ask for no change that can be found in the picture.':
    'Die neuen Worte verlangen keine Änderung, die sich im Bild finden lässt.',
  'Say more of what is there now and of what shall be there, or lower "Difference".':
    'Mehr dazu sagen, was jetzt da ist und was da sein soll, oder „Unterschied“ senken.',
  '{name} has no class {classLabel}.': '{name} hat keine Klasse {classLabel}.',
  'Its classes are numbered from 0 to {it}.': 'Die Klassen sind von 0 bis {it} nummeriert.',
  'The picture would be {width} x {height} pixels; 64 million are the most.':
    'Das Bild hätte {width} × {height} Pixel; höchstens 64 Millionen sind möglich.',
  'Choose a smaller factor.': 'Einen kleineren Faktor wählen.',
  '{name} {what}, which {chosen} does not ask for.': '{name} {what}, und danach fragt {chosen} nicht.',
  'Choose its own sampler, {className}.': 'Seinen eigenen Sampler wählen, {className}.',
  'The picture that this begins from is not in the library.':
    'Das Bild, von dem dies ausgeht, ist nicht in der Bibliothek.',
  'The pull cannot go through the network of {name} beside {reason}.':
    'Der Zug kann neben {reason} nicht durch das Netz von {name} gehen.',
  'Let it go through the estimate.': 'Durch die Schätzung gehen lassen.',
  'The weights of the words for CLIP come to nothing together: {words}':
    'Die Gewichte der Worte für CLIP ergeben zusammen nichts: {words}',
  'Change a weight, as in: a cat : 2 | a dog : -1.': 'Ein Gewicht ändern, etwa: a cat : 2 | a dog : -1.',
  'There is no CLIP model to guide with.': 'Es gibt kein CLIP-Modell, das führen kann.',
  '{path} is no CLIP model.': '{path} ist kein CLIP-Modell.',
  'Name the folder of a CLIP model of transformers as the CLIP model of the guidance.':
    'Als CLIP-Modell der Guidance den Ordner eines CLIP-Modells von transformers nennen.',
  'Pictures cannot be pulled anywhere under the sampler "{title}".':
    'Mit dem Sampler „{title}“ lassen sich Bilder nirgendwohin ziehen.',
  'Choose DDIM or another sampler for diffusion.': 'DDIM oder einen anderen Sampler für Diffusion wählen.',
  'The mask is {width} x {height} pixels, the picture {width2} x {height2}.':
    'Die Maske hat {width} × {height} Pixel, das Bild {width2} × {height2}.',
  '{name} cannot find the noise of a picture.': '{name} kann das Rauschen eines Bildes nicht finden.',
  'Choose a model of Stable Diffusion 1, 2 or XL that was not distilled to few steps, and not made for in-painting.':
    'Ein Modell von Stable Diffusion 1, 2 oder XL wählen, das nicht auf wenige Schritte destilliert und nicht zum Füllen gemacht wurde.',
  'A mask has the name of its picture, cat.png for cat.jpg, and is white where the object is.':
    'Eine Maske heißt wie ihr Bild, cat.png für cat.jpg, und ist weiß, wo das Ding ist.',
  '{folder} holds no mask that can be read for any of the pictures.':
    '{folder} enthält für keines der Bilder eine Maske, die sich lesen lässt.',
  'No picture has transparent places around what it shows.': 'Kein Bild ist rings um das, was es zeigt, durchsichtig.',
  'Nothing was found in any of the pictures.': 'In keinem der Bilder wurde etwas gefunden.',
  'Choose another way to find control pictures, or give a folder of them.':
    'Steuerbilder auf andere Weise finden oder einen Ordner davon angeben.',
  'Instructions can be taught to models that draw from words alone.':
    'Anweisungen können Modellen gelehrt werden, die allein aus Worten zeichnen.',
  'Choose a model of Stable Diffusion 1, 2 or XL that was not made for in-painting or depth.':
    'Ein Modell von Stable Diffusion 1, 2 oder XL wählen, das nicht zum Füllen oder für Tiefe gemacht wurde.',
  '{folder} holds no picture before the edit that can be read for any of the edited pictures.':
    '{folder} enthält zu keinem der bearbeiteten Bilder ein lesbares Bild davor.',
  'Both have the same name: cat.png in both folders.': 'Beide heißen gleich: cat.png in beiden Ordnern.',
  'The smart brush can be taught to plain models that draw from words alone.':
    'Den klugen Pinsel kann man einfachen Modellen beibringen, die nur aus Worten zeichnen.',
  'There is no LoRA to merge.': 'Es ist kein LoRA zum Einrechnen da.',
  'Choose it, or another method.': 'Es wählen, oder ein anderes Verfahren.',
  'The weight of a weighted sum must be from 0 to 1; {weight} was given.':
    'Das Gewicht einer gewichteten Summe muss zwischen 0 und 1 liegen; angegeben ist {weight}.',
  '{first} is of the kind {family}, but {path} is of the kind {other}.':
    '{first} ist von der Art {family}, aber {path} von der Art {other}.',
  'Merge models of one kind.': 'Modelle einer Art mischen.',
  'The {part} of {path} has "{first}"{more}, which the others lack.':
    'In {path} hat {part} „{first}“{more}; den anderen fehlt das.',
  'Merge models of one kind; parts of a model cannot be merged into a whole one.':
    'Modelle einer Art mischen; Teile eines Modells lassen sich nicht in ein ganzes mischen.',
  'The new model needs {it} in {folder}, but {it2} are free.':
    'Das neue Modell braucht {it} in {folder}, aber {it2} sind frei.',
  'A region has no words.': 'Ein Bereich hat keine Worte.',
  'Write words of the prompt on it.': 'Worte des Prompts darauf schreiben.',
  "{name} draws on an autoencoder's latents and cannot be trained.":
    '{name} zeichnet auf den Latents eines Autoencoders und kann nicht trainiert werden.',
  'Choose a model of classes that draws pixels; `train new --classes` makes one.':
    'Ein Modell mit Klassen wählen, das Pixel zeichnet; `train new --classes` macht eines.',
  '{model} has {count} classes, but there are {length} folders.':
    '{model} hat {count} Klassen, aber es sind {length} Ordner da.',
  'Make a new model with `train new --classes {length}`, or leave some folders out.':
    'Mit `train new --classes {length}` ein neues Modell machen, oder einige Ordner weglassen.',
  'The ControlNet {continued} was made for another kind of model than {name}: it {reason}.':
    'Das ControlNet {continued} wurde für eine andere Art von Modell gemacht als {name}: es {reason}.',
  'Choose another one, or none: then a new one is made.': 'Ein anderes wählen, oder keines: dann entsteht ein neues.',
  'The resolution must be a multiple of {sizeMultiple} for {name}; {resolution} is not.':
    'Die Auflösung muss für {name} ein Vielfaches von {sizeMultiple} sein; {resolution} ist keines.',
  'Use {it}.': '{it} nehmen.',
  'There is no network here that pictures can be measured with.':
    'Hier ist kein Netz, mit dem sich Bilder messen lassen.',
  'Name the file of an InceptionV3 or the folder of a CLIP model, or measure no pictures.':
    'Die Datei eines InceptionV3 oder den Ordner eines CLIP-Modells nennen, oder keine Bilder messen.',
  '"{part}" gives no weight from {LEAST} to {MOST}.': '„{part}“ gibt kein Gewicht von {LEAST} bis {MOST} an.',
  'Write words with their weights, as "car:2, red:-1".': 'Worte mit ihren Gewichten schreiben, wie „car:2, red:-1“.',
  'The word "{word}" does not stand{which} in the prompt.': 'Das Wort „{word}“ steht nicht{which} im Prompt.',
  'Its words are {it}.': 'Seine Worte sind {it}.',
  '{folder} reads pictures alone, no texts.': '{folder} liest nur Bilder, keine Texte.',
  'Choose the folder of a whole CLIP model (CLIPModel).': 'Den Ordner eines ganzen CLIP-Modells (CLIPModel) wählen.',
  'Embeddings [{shape}] and [{shape2}] do not go together one by one.':
    'Die Embeddings [{shape}] und [{shape2}] passen nicht eins zu eins zusammen.',
  '{path} is no network that pictures can be measured with.':
    '{path} ist kein Netz, mit dem sich Bilder messen lassen.',
  'Choose the file of an InceptionV3, or the folder of a CLIP model (CLIPModel or CLIPVisionModelWithProjection).':
    'Die Datei eines InceptionV3 wählen, oder den Ordner eines CLIP-Modells (CLIPModel oder CLIPVisionModelWithProjection).',
  'There is nothing to look at.': 'Es gibt nichts anzusehen.',
  '{path} is no InceptionV3.': '{path} ist kein InceptionV3.',
  'Choose inception_v3_google-*.pth, pt_inception-2015-12-05-*.pth, or the folder of a CLIP model.':
    'inception_v3_google-*.pth, pt_inception-2015-12-05-*.pth oder den Ordner eines CLIP-Modells wählen.',
  'Classes are rows [pictures, classes], not [{shape}].': 'Klassen sind Zeilen [Bilder, Klassen], nicht [{shape}].',
  '{pictures} pictures cannot be cut into {parts} parts.':
    '{pictures} Bilder lassen sich nicht in {parts} Teile schneiden.',
  'Use more pictures, or fewer parts.': 'Mehr Bilder nehmen, oder weniger Teile.',
  'Pictures of {length} and {length2} bytes cannot be compared.':
    'Bilder von {length} und {length2} Bytes lassen sich nicht vergleichen.',
  'Pictures of {width} x {height} and {width2} x {height2} pixels cannot be compared.':
    'Bilder von {width} × {height} und {width2} × {height2} Pixeln lassen sich nicht vergleichen.',
  'Pictures of {width} x {height} pixels are too small to be compared by their structure.':
    'Bilder von {width} × {height} Pixeln sind zu klein, um nach ihrer Struktur verglichen zu werden.',
  'Features are rows [pictures, width], not [{shape}].': 'Merkmale sind Zeilen [Bilder, Breite], nicht [{shape}].',
  'Features of {columns} and {columns2} numbers cannot be compared.':
    'Merkmale aus {columns} und {columns2} Zahlen lassen sich nicht vergleichen.',
  'Sets of {rows} and {rows2} pictures cannot be compared.':
    'Mengen von {rows} und {rows2} Bildern lassen sich nicht vergleichen.',
  'Use at least two pictures in each; some thousands give a figure that others can compare with.':
    'In jeder mindestens zwei Bilder nehmen; einige Tausend geben eine Zahl, mit der andere vergleichen können.',
  'The operation {op}{where} cannot be trained through.':
    'Durch die Operation {op}{where} kann nicht trainiert werden.',
  'Train with the weights as they are stored, or in fp32: 8 and 4 bits are for drawing alone.':
    'Mit den Gewichten trainieren, wie sie gespeichert sind, oder in fp32: 8 und 4 Bit sind nur zum Zeichnen.',
  '{name} was never trained without a class, so it cannot be guided.':
    '{name} wurde nie ohne Klasse trainiert, darum lässt es sich nicht führen.',
  'Set the guidance to 1.': 'Die Guidance auf 1 setzen.',
  'The sampler "{title}" is made for another kind of model than {name}.':
    'Der Sampler „{title}“ ist für eine andere Art von Modell gemacht als {name}.',
  'From {start} until {end} of the steps is never: it would end before it begins.':
    'Von {start} bis {end} der Schritte ist nie: Es würde enden, bevor es beginnt.',
  'Let it begin before it ends.': 'Es beginnen lassen, bevor es endet.',
  '"{it}" lies outside the picture, which is {size}.': '„{it}“ liegt außerhalb des Bildes, das {size} groß ist.',
  'The vocabulary beside {folder} is not its own: the model knows {words} pieces of words.':
    'Das Vokabular bei {folder} ist nicht das eigene: Das Modell kennt {words} Wortstücke.',
  '"{it}" is no box in a picture.': '„{it}“ ist kein Rahmen in einem Bild.',
  'Write left,top,right,bottom in pixels, e.g. 10,20,90,120.':
    'Links,oben,rechts,unten in Pixeln schreiben, z. B. 10,20,90,120.',
}
