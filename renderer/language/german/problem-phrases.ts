import type { Texts } from '../texts.ts'

/** What the engine puts into sentences of problems: of files, "it" (sie, die Datei) stands before them. */
const ofFiles: Texts = {
  'does not exist': 'ist nicht vorhanden',
  'is a file, not the folder of a model': 'ist eine Datei, nicht der Ordner eines Modells',
  'is only a part of a model': 'ist nur ein Teil eines Modells',
  'is the cache of a model, not the model': 'ist der Zwischenspeicher eines Modells, nicht das Modell',
  'has no {indexName}': 'hat keine {indexName}',
  'is too large for a file of settings': 'ist zu groß für eine Datei mit Einstellungen',
  'is only a Git LFS pointer, not the file itself': 'ist nur ein Verweis von Git LFS, nicht die Datei selbst',
  'does not hold a JSON object': 'enthält kein JSON-Objekt',
  'is not sound JSON ({message})': 'ist kein heiles JSON ({message})',
  'has no "weight_map"': 'hat keine „weight_map“',
  'names {it}, which is no .safetensors file beside it': 'nennt {it}, und das ist keine .safetensors-Datei daneben',
  'promises "{missing}", but none of its files has it': 'verspricht „{missing}“, aber keine der Dateien enthält es',
  'is empty': 'ist leer',
  'ends after {byteLength} bytes': 'endet nach {byteLength} Bytes',
  'says that its header has {length} bytes; at most 100 MB are allowed':
    'gibt für ihren Kopf {length} Bytes an; höchstens 100 MB sind erlaubt',
  'has {byteLength} bytes, but its header alone needs {it}':
    'hat {byteLength} Bytes, aber allein ihr Kopf braucht {it}',
  'has a header that does not begin with "{"': 'hat einen Kopf, der nicht mit „{“ beginnt',
  'has a header that is not UTF-8 text': 'hat einen Kopf, der kein Text in UTF-8 ist',
  'has a header that is not JSON ({it})': 'hat einen Kopf, der kein JSON ist ({it})',
  'has a header that is not a JSON object': 'hat einen Kopf, der kein JSON-Objekt ist',
  'has a header nested deeper than {deepest} levels':
    'hat einen Kopf, der über {deepest} Stufen tief verschachtelt ist',
  'has "{it}" twice in its header': 'hat „{it}“ zweimal im Kopf',
  'has a header that is not JSON (a bad escape in a name)':
    'hat einen Kopf, der kein JSON ist (ein falsches Zeichen in einem Namen)',
  'has a "__metadata__" that is not an object': 'hat ein „__metadata__“, das kein Objekt ist',
  'has metadata "{it}" that is not text': 'hat eine Angabe „{it}“, die kein Text ist',
  'has "{it}" overlapping the tensor before it': 'hat „{it}“ zum Teil auf dem Tensor davor liegen',
  'has {it} unused bytes before "{it2}"': 'hat {it} unbenutzte Bytes vor „{it2}“',
  'has {byteLength} bytes, but its header promises {end}': 'hat {byteLength} Bytes, aber ihr Kopf verspricht {end}',
  'has {it} unknown bytes after its last tensor': 'hat {it} unbekannte Bytes nach dem letzten Tensor',
  'has "{it}" with {found}': 'hat „{it}“ mit {found}',
  'a description that is not an object': 'einer Beschreibung, die kein Objekt ist',
  'the unknown type {it} (known are {known})': 'dem unbekannten Typ {it} (bekannt sind {known})',
  'a shape that is not a list of whole numbers': 'einer Form, die keine Liste ganzer Zahlen ist',
  'data_offsets that are not two whole numbers': 'data_offsets, die keine zwei ganzen Zahlen sind',
  'data_offsets [{offsets}] that end before they begin': 'data_offsets [{offsets}], die vor ihrem Anfang enden',
  'data_offsets [{offsets}] beyond any file': 'data_offsets [{offsets}] jenseits jeder Datei',
  'the impossible shape {it}': 'der unmöglichen Form {it}',
  '{it} bytes, but {dtype} {it2} needs {it3}': '{it} Bytes, aber {dtype} {it2} braucht {it3}',
  'whole numbers': 'ganze Zahlen',
  'holds "{name}" in two of its files': 'enthält „{name}“ in zwei seiner Dateien',
  'scales "{name}" by [{shape}] numbers, which is not one for each of its rows':
    'skaliert „{name}“ mit [{shape}] Zahlen, und das ist nicht eine je Zeile',
  'has no "{key}", which this model expects as [{shape}]': 'hat kein „{key}“, das dieses Modell als [{shape}] erwartet',
  'holds no pictures': 'enthält keine Bilder',
  'holds {length} pictures, none of them readable': 'enthält {length} Bilder, von denen keines lesbar ist',
  'names nothing': 'nennt nichts',
  'calls what is no function': 'ruft auf, was keine Funktion ist',
  'describes a storage in an unusual way': 'beschreibt einen Speicher auf ungewöhnliche Art',
  'adds to what is no list': 'fügt etwas an, das keine Liste ist',
  'fills what is no dictionary': 'füllt, was kein Verzeichnis ist',
  'takes more than it holds': 'nimmt mehr, als es enthält',
  'closes what was not opened': 'schließt, was nicht geöffnet wurde',
  'looks at what is not there': 'blickt auf etwas, das nicht da ist',
  'remembers what was not said': 'merkt sich, was nicht gesagt wurde',
  'breaks off': 'bricht ab',
  'holds a number beyond 64 bits': 'enthält eine Zahl jenseits von 64 Bit',
  'its table of contents has {length} bytes': 'ihr Inhaltsverzeichnis hat {length} Bytes',
  'its dictionaries have no end': 'ihre Verzeichnisse haben kein Ende',
  'it holds no tensors': 'sie enthält keine Tensoren',
  'the numbers of {shown} are missing': 'die Zahlen von {shown} fehlen',
  '{shown} reaches beyond the numbers that are stored for it':
    '{shown} reicht über die Zahlen hinaus, die dafür gespeichert sind',
  'its list of contents lies outside it': 'ihre Inhaltsliste liegt außerhalb von ihr',
  'its list of contents breaks off': 'ihre Inhaltsliste bricht ab',
  'it holds {it} twice': 'sie enthält {it} zweimal',
  'it breaks off before its list of contents': 'sie bricht vor ihrer Inhaltsliste ab',
  'it lacks the list of contents of a large archive': 'ihr fehlt die Inhaltsliste eines großen Archivs',
  'it names places beyond any file': 'sie nennt Stellen jenseits jeder Datei',
  'a file in it begins outside it': 'eine Datei darin beginnt außerhalb',
  'a file in it does not begin where it says': 'eine Datei darin beginnt nicht, wo sie es angibt',
  'a file in it ends outside it': 'eine Datei darin endet außerhalb',
  'sizes in its list of contents are missing': 'Größen fehlen in ihrer Inhaltsliste',
  'it gives "{token}" the id {it}': 'sie gibt „{token}“ die Nummer {it}',
  'it lacks "{content}", its own {role}': 'ihr fehlt „{content}“, ihr eigenes {role}',
  'it holds no merges': 'sie enthält keine Verbindungen',
  'it lacks "{piece}"': 'ihr fehlt „{piece}“',
  'it is too large': 'sie ist zu groß',
  'its map of characters is cut off': 'ihre Zeichentafel ist abgeschnitten',
  '{name} holds no poses as OpenPose writes them': '{name} enthält keine Posen, wie OpenPose sie schreibt',
  '{name} holds no figure with a visible bone': '{name} enthält keine Figur mit einem sichtbaren Knochen',
  '{name} has a figure of {count} joints, where 18 or 25 are known':
    '{name} hat eine Figur mit {count} Gelenken; bekannt sind 18 oder 25',
  'The file': 'Die Datei',
}

const ofModels: Texts = {
  'its "{name}" is [{shape}] and not a list of vectors': 'sein „{name}“ ist [{shape}] und keine Liste von Vektoren',
  'its two text encoders learned different numbers of vectors':
    'seine zwei Text-Encoder haben verschieden viele Vektoren gelernt',
  'it holds {length} tensors': 'es enthält {length} Tensoren',
  'vectors of width {it}': 'Vektoren der Breite {it}',
  'vectors for {learned} text encoder{it}': 'Vektoren für Text-Encoder: {learned}{it}',
  'it is empty': 'es ist leer',
  'it holds "{it}"': 'es enthält „{it}“',
  'it changes "{it}", which the {network} of this model does not have':
    'es ändert „{it}“, das es im Netz {network} dieses Modells nicht gibt',
  'its "{name}" has factors {shapes}, which do not fit the {of} outputs in this model':
    'sein „{name}“ hat Faktoren {shapes}, die nicht zu den {of} Ausgängen in diesem Modell passen',
  'its "{name}" has factors {found}, which do not fit the weight [{shape}] of this model':
    'sein „{name}“ hat Faktoren {found}, die nicht zum Gewicht [{shape}] dieses Modells passen',
  'Step {safe} is safe.': 'Schritt {safe} ist gesichert.',
  'Nothing had been saved before.': 'Vorher wurde nichts gesichert.',
  'a stride of {stride}': 'eine Schrittweite von {stride}',
  '{message} (found {it})': '{message} (gefunden: {it})',
  'there are {num_train_timesteps} training timesteps': 'das Training hat {num_train_timesteps} Zeitschritte',
  'a clean sample says nothing of the noise to come': 'ein reines Bild sagt nichts über das Rauschen, das kommt',
  'the network predicts no variance for "{type}"': 'das Netz sagt keine Varianz für „{type}“ voraus',
  '{algorithm_type} can end at "sigma_min" only': '{algorithm_type} kann nur bei „sigma_min“ enden',
  'sde-dpmsolver has orders 1 and 2 only': 'sde-dpmsolver hat nur die Ordnungen 1 und 2',
  'timesteps are given': 'Zeitschritte sind gegeben',
  'sde-dpmsolver has no singlestep form': 'sde-dpmsolver hat keine Form mit einzelnen Schritten',
  'timesteps are given, and cannot be told as noise levels':
    'Zeitschritte sind gegeben und lassen sich nicht als Rauschstufen sagen',
  'the run gives no shift': 'der Lauf gibt keine Verschiebung an',
  '{it} values were expected': '{it} Werte wurden erwartet',
  '{num_train_timesteps} values were expected': '{num_train_timesteps} Werte wurden erwartet',
  'timesteps are given, and noise levels cannot be chosen too':
    'Zeitschritte sind gegeben, dann können Rauschstufen nicht auch gewählt werden',
  'only one of these can be used at a time': 'nur eines davon geht auf einmal',
  'it belongs to flow matching, and use_flow_sigmas is off':
    'es gehört zu Flow Matching, und use_flow_sigmas ist ausgeschaltet',
  'noise levels can be given for flow matching alone': 'Rauschstufen können nur für Flow Matching gegeben werden',
  'of chosen noise levels it knows those of Karras alone': 'von gewählten Rauschstufen kennt es nur die von Karras',
  'pictures of {channels} channels, {stride} pixels for each latent':
    'Bilder mit {channels} Kanälen, {stride} Pixel je Latent',
  '{name} cannot be drawn with under ControlNets': 'mit {name} kann unter ControlNets nicht gezeichnet werden',
  'it was made for another kind of model than {name}: it {reason}':
    'es wurde für eine andere Art von Modell gemacht als {name}: es {reason}',
  'from words': 'aus Worten',
  'from nothing but noise': 'nur aus Rauschen',
  'one of its classes, by number': 'eine seiner Klassen, nach Nummer',
  'nothing, but enlarges pictures': 'nichts, sondern vergrößert Bilder',
  'nothing, but finds in pictures what words say': 'nichts, sondern findet in Bildern, was Worte sagen',
  'predicts {kind}': 'sagt {kind} voraus',
  'was trained with noise of its own kind': 'wurde mit einer eigenen Art von Rauschen trainiert',
  controls: 'Steuerungen',
  regions: 'Regionen',
  'a picture beside the noise': 'einem Bild neben dem Rauschen',
  'guidance as an input': 'Führung als Eingang',
  'guidance by its own attention': 'Führung durch eigene Aufmerksamkeit',
  ' and {it} more weights': ' und {it} weitere Gewichte',
  'The {component} of {id}': 'Der Teil {component} von {id}',
  '{id} at {revision}': '{id} im Stand {revision}',
  'model_index.json of {id}': 'model_index.json von {id}',
  '{path} of {id}': '{path} von {id}',
  'has had too many requests': 'hatte zu viele Anfragen',
  'has trouble ({status})': 'hat Schwierigkeiten ({status})',
  '{path} did not arrive as {host} declares it: its bytes are others.':
    '{path} kam nicht so an, wie {host} sie angibt: ihre Bytes sind andere.',
  '{it} of weights, {it2} to compute with': '{it} für Gewichte, {it2} zum Rechnen',
  '{it} is another model': '{it} ist ein anderes Modell',
  '{given} does not hold the model': '{given} enthält das Modell nicht',
  'it could not be tried out': 'sie konnte nicht erprobt werden',
  'pictures are made on the processor': 'Bilder entstehen auf dem Prozessor',
}

const ofDocuments: Texts = {
  'it has {length} bytes, more than {it}': 'es hat {length} Bytes, mehr als {it}',
  'it is no PNG file': 'es ist keine PNG-Datei',
  'it is {width} × {height} pixels, and at most {side} × {side2} are possible':
    'es ist {width} × {height} Pixel groß, und höchstens {side} × {side2} sind möglich',
  'it is not 8-bit RGBA': 'es ist kein RGBA mit 8 Bit',
  'its pixels cannot be read ({message})': 'seine Pixel können nicht gelesen werden ({message})',
  'pixels are missing': 'Pixel fehlen',
  'a row has no known filter': 'eine Zeile hat keinen bekannten Filter',
  'its header is missing': 'sein Kopf fehlt',
  'its end is missing': 'sein Ende fehlt',
  'it has a {type} chunk that does not belong there': 'es hat einen Abschnitt {type}, der dort nicht hingehört',
  'it is cut off': 'es ist abgeschnitten',
  'a checksum is wrong': 'eine Prüfsumme ist falsch',
  'a group cannot lie in itself': 'eine Gruppe kann nicht in sich selbst liegen',
  'a layer of the kind {kind} has no pixels': 'eine Ebene der Art {kind} hat keine Pixel',
  'a layer that it names is not there': 'eine Ebene, die sie nennt, ist nicht da',
  'a layer that it adds is there already': 'eine Ebene, die sie hinzufügt, ist schon da',
  'a layer would stand beyond the topmost': 'eine Ebene stünde über der obersten',
  'a document has at most {mostLayers} layers': 'ein Dokument hat höchstens {mostLayers} Ebenen',
  'only groups hold layers': 'nur Gruppen enthalten Ebenen',
}

const ofParameters: Texts = {
  'a colour such as #ff8800, or empty': 'eine Farbe wie #ff8800 oder leer',
  'a whole number': 'eine ganze Zahl',
  'a whole number from {minimum} to {maximum}': 'eine ganze Zahl von {minimum} bis {maximum}',
  'a whole number from 0 to {LARGEST_SEED}': 'eine ganze Zahl von 0 bis {LARGEST_SEED}',
  'a number': 'eine Zahl',
  'a number from {minimum} to {maximum}': 'eine Zahl von {minimum} bis {maximum}',
  text: 'Text',
  'true or false': 'wahr oder falsch',
  'a list': 'eine Liste',
  'something else': 'etwas anderes',
  ' from {minimum} to {maximum}': ' von {minimum} bis {maximum}',
  ' {nth} times': ' {nth}-mal',
  ' There are {it}.': ' Es gibt {it}.',
  ' and {it} more': ' und {it} weitere',
  ' of the layer "{layer}"': ' der Ebene „{layer}“',
  'from {minimum} to {maximum}': 'von {minimum} bis {maximum}',
}

/** Phrases also stand as whole sentences about a file: "/a/b is empty." */
const asSentences = (phrases: Texts): Texts =>
  Object.fromEntries(
    Object.entries(phrases)
      .filter(([phrase]) => /^[a-z{]/.test(phrase))
      .map(([phrase, said]) =>
        phrase.startsWith('{') ? [`${phrase}.`, `${said}.`] : [`{path} ${phrase}.`, `{path} ${said}.`],
      ),
  )

/** What is said in the holes of sentences. */
export const phrases: Texts = { ...ofFiles, ...ofModels, ...ofDocuments, ...ofParameters }

/** Sentences that are put together in more places than one. */
export const togetherTexts: Texts = {
  ...asSentences(ofFiles),
  'Choose the folder of a model, the one with {indexName} in it.':
    'Wähle den Ordner eines Modells, den mit {indexName} darin.',
  'Choose the whole model: {it}.': 'Wähle das ganze Modell: {it}.',
  'Choose its snapshot: {snapshot}.': 'Wähle seinen Snapshot: {snapshot}.',
  'It is a part of a model that draws; bring that model as .safetensors, which Sfumato reads itself.':
    'Es ist Teil eines Modells, das zeichnet; bring dieses Modell als .safetensors, das liest Sfumato selbst.',
  'Bring the picture encoder and the mask decoder of Segment Anything or a relative, as its export tools write them, or a network that takes one picture and gives a mask.':
    'Bring den Bild-Encoder und den Masken-Decoder von Segment Anything oder einem Verwandten, wie seine Werkzeuge sie schreiben, oder ein Netz, das ein Bild nimmt und eine Maske gibt.',
  'Choose a complete checkpoint, with a CLIP text encoder, UNet and VAE in it.':
    'Wähle einen vollständigen Checkpoint, mit CLIP-Text-Encoder, UNet und VAE darin.',
  'Add such a file in Models and choose it beside the model.':
    'Füge so eine Datei unter Modelle hinzu und wähle sie neben dem Modell.',
  '{it} is missing.': '{it} fehlt.',
  '{title} is missing.': '{title} fehlt.',
  '{title} must be {kind}; {it} was given.': '{title} muss {kind} sein; gegeben war {it}.',
  '{title} cannot be {it}.': '{title} kann nicht {it} sein.',
  '{title} is too long: at most {maximum} characters are read.':
    '{title} ist zu lang: höchstens {maximum} Zeichen werden gelesen.',
  'Give a skeleton, or place a figure with the pose tool.':
    'Gib ein Skelett, oder setze eine Figur mit dem Posenwerkzeug.',
  'Place a figure with the pose tool instead.': 'Setze stattdessen eine Figur mit dem Posenwerkzeug.',
  'The second model is missing.': 'Das zweite Modell fehlt.',
  'Add difference needs a third model.': 'Differenz hinzufügen braucht ein drittes Modell.',
  'Try again later.': 'Versuche es später noch einmal.',
  'Merge models of one kind (two of Stable Diffusion 1.5, say; neither for in-painting, or both).':
    'Mische Modelle einer Art (zwei von Stable Diffusion 1.5 etwa; keines zum Ausmalen, oder beide).',
  'There is no {it} "{reference}" on this computer.':
    'Auf diesem Computer gibt es nichts, das „{reference}“ heißt ({it}).',
  'There are no {many} here yet.': 'Davon gibt es hier noch nichts: {many}.',
  'The {many} here are {it}{others}.': 'Hier gibt es ({many}): {it}{others}.',
  'The picture reader does not start ({message}).': 'Der Bildleser startet nicht ({message}).',
  'This needs about {it} of memory beside the file’s {it2} of weights; models may use {it3}.':
    'Das braucht etwa {it} Speicher neben den {it2} Gewichten der Datei; Modelle dürfen {it3} benutzen.',
  'This needs about {it} of memory and {it2} of weights, which is more than this computer has.':
    'Das braucht etwa {it} Speicher und {it2} Gewichte, mehr als dieser Computer hat.',
}
