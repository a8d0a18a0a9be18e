import type { Texts } from '../texts.ts'

/** What is said when something of the library, a document, a download or the command line cannot be done. */
export const problemsOfLibrary: Texts = {
  'Choose the precision "as stored".': 'Die Genauigkeit „Wie gespeichert“ wählen.',
  'Choose it again.': 'Noch einmal wählen.',
  'The picture was removed from the library while it was being added.':
    'Das Bild wurde aus der Bibliothek entfernt, während es hinzugefügt wurde.',
  'The place in the list is not one that the library gave out.':
    'Diese Stelle in der Liste hat die Bibliothek nicht ausgegeben.',
  'Start from the beginning of the list.': 'Am Anfang der Liste beginnen.',
  'Only jobs that wait in this queue can be moved.':
    'Nur Aufträge, die in dieser Warteschlange warten, können verschoben werden.',
  '{path} was written by a later Sfumato (version {found}, this one knows {known}).':
    '{path} wurde von einem neueren Sfumato geschrieben (Version {found}, dieses kennt {known}).',
  'Install the later Sfumato again, or set SFUMATO_HOME to another folder.':
    'Das neuere Sfumato wieder installieren, oder SFUMATO_HOME auf einen anderen Ordner setzen.',
  '{path} lies in a folder that cannot hold a library safely (a network folder?).':
    '{path} liegt in einem Ordner, der eine Bibliothek nicht sicher aufheben kann (ein Netzwerkordner?).',
  'There is no style {it} in the library.': 'In der Bibliothek ist kein Stil {it}.',
  'Save one in the Studio first.': 'Zuerst einen im Studio sichern.',
  'There are {it}.': 'Es gibt {it}.',
  'A library holds {MOST} styles, and no more.': 'Eine Bibliothek fasst {MOST} Stile, und nicht mehr.',
  'This file holds no styles: its first line does not name "name" and "prompt".':
    'Diese Datei enthält keine Stile: ihre erste Zeile nennt nicht „name“ und „prompt“.',
  'Choose the styles.csv of the AUTOMATIC1111 web UI.': 'Die styles.csv der Web-Oberfläche von AUTOMATIC1111 wählen.',
  '{id} holds {it} files of weights and is no folder of a model.':
    '{id} enthält {it} Dateien mit Gewichten und ist kein Ordner eines Modells.',
  'Name one of them: {it}{it2}.': 'Eine davon nennen: {it}{it2}.',
  '{indexName} of {id} does not list the parts of a model.':
    '{indexName} von {id} führt nicht die Teile eines Modells auf.',
  '{what} has its weights only as {name}, a pickle, which could run code; it is not fetched.':
    '{what} hat seine Gewichte nur als {name}, ein Pickle, das Code ausführen könnte; es wird nicht geholt.',
  'Look for a version of this model with .safetensors files.':
    'Nach einer Fassung dieses Modells mit .safetensors-Dateien suchen.',
  '{what} holds no .safetensors weights.': '{what} enthält keine Gewichte als .safetensors.',
  'This model was not looked up lately.': 'Dieses Modell wurde in letzter Zeit nicht nachgesehen.',
  'Look it up again.': 'Noch einmal nachsehen.',
  'Sfumato was closed.': 'Sfumato wurde geschlossen.',
  'Another version of {name} is being fetched already.': 'Eine andere Fassung von {name} wird schon geholt.',
  'Cancel that one first.': 'Zuerst jene abbrechen.',
  'This download is over.': 'Dieser Download ist vorbei.',
  'Look the model up again.': 'Das Modell noch einmal nachsehen.',
  'SFUMATO_HUB is {it}, which is no address.': 'SFUMATO_HUB ist {it}, und das ist keine Adresse.',
  'Use {publicHub}.': '{publicHub} nehmen.',
  'Nothing of it was kept. Try again later, or choose another model.':
    'Nichts davon wurde behalten. Später noch einmal versuchen, oder ein anderes Modell wählen.',
  '{path} should have {size} bytes, but {host} sends {found}.':
    '{path} sollte {size} Bytes haben, aber {host} sendet {found}.',
  'Try again later, or choose another model.': 'Später noch einmal versuchen, oder ein anderes Modell wählen.',
  '{what} lists {it}, a file outside its own folder.':
    '{what} führt {it} auf, eine Datei außerhalb des eigenen Ordners.',
  'It is not fetched. Choose another model.': 'Es wird nicht geholt. Ein anderes Modell wählen.',
  '{host} does not answer as a model hub when asked for {what}.':
    '{host} antwortet auf die Frage nach {what} nicht wie ein Modell-Hub.',
  'Check the address of the hub, and whether this network asks you to log in.':
    'Die Adresse des Hubs prüfen, und ob dieses Netz eine Anmeldung verlangt.',
  '{what} is given only to people who accepted its terms on the hub.':
    '{what} bekommt nur, wer auf dem Hub die Bedingungen angenommen hat.',
  'Accept them at {page} with your browser, download the model there, and choose its folder here.':
    'Sie im Browser unter {page} annehmen, das Modell dort laden und hier seinen Ordner wählen.',
  '{it} sent a web page instead of {what}.': '{it} sendete eine Webseite statt {what}.',
  'Check whether this network asks you to log in, then try again.':
    'Prüfen, ob dieses Netz eine Anmeldung verlangt, dann noch einmal versuchen.',
  '{host} does not give {what} ({status}).': '{host} gibt {what} nicht heraus ({status}).',
  'Download it with your browser, and choose its file or folder here.':
    'Mit dem Browser laden und hier die Datei oder den Ordner wählen.',
  '{id} has no file {path}.': '{id} hat keine Datei {path}.',
  '{host} does not say how large {what} is.': '{host} sagt nicht, wie groß {what} ist.',
  'Download it with your browser, and choose the file here.': 'Mit dem Browser laden und hier die Datei wählen.',
  '{it} cannot be the name of a file here.': '{it} kann hier kein Dateiname sein.',
  'Download it with your browser, rename it, and choose the file here.':
    'Mit dem Browser laden, umbenennen und hier die Datei wählen.',
  '{it} names no model.': '{it} benennt kein Modell.',
  'Give its id, such as owner/name, or the address of its page or file.':
    'Seine Kennung angeben, etwa besitzer/name, oder die Adresse seiner Seite oder Datei.',
  '{short} is a pickle, which could run code; it is not fetched.':
    '{short} ist ein Pickle, das Code ausführen könnte; es wird nicht geholt.',
  'Look for the .safetensors version of this model.': 'Nach der .safetensors-Fassung dieses Modells suchen.',
  '{short} is no .safetensors file.': '{short} ist keine .safetensors-Datei.',
  'Give a .safetensors file, or the model it belongs to.':
    'Eine .safetensors-Datei angeben, oder das Modell, zu dem sie gehört.',
  '{it} is no branch, tag or commit.': '{it} ist kein Branch, Tag oder Commit.',
  'Leave the revision out for the latest one.': 'Für den neuesten Stand keine Revision angeben.',
  '{host} sends from one address to the next without end.': '{host} leitet ohne Ende von einer Adresse zur nächsten.',
  '{host} sends to {it}, which is no address.': '{host} leitet zu {it}, und das ist keine Adresse.',
  'The server sends to {host}, an address inside this network; it is not followed.':
    'Der Server leitet zu {host}, einer Adresse in diesem Netz; dem wird nicht gefolgt.',
  '{origin} is not asked: only https addresses without a password are.':
    '{origin} wird nicht gefragt: gefragt werden nur https-Adressen ohne Passwort.',
  'Use the https:// address.': 'Die https://-Adresse nehmen.',
  'It asks to come back in {minutes} minutes.': 'Er bittet, in {minutes} Minuten wiederzukommen.',
  '{name} needs {it} more, but the disk has {it2} free.':
    '{name} braucht noch {it}, aber auf dem Datenträger sind {it2} frei.',
  '{name} is being fetched by another Sfumato just now.': '{name} wird gerade von einem anderen Sfumato geholt.',
  'Wait for it, or stop it there.': 'Darauf warten, oder es dort beenden.',
  '{name} is on this computer already: {target}.': '{name} ist schon auf diesem Computer: {target}.',
  'Use it, or remove it first.': 'Es benutzen, oder zuerst entfernen.',
  'A piece of the picture cannot be stored: {why}.': 'Ein Stück des Bildes kann nicht gespeichert werden: {why}.',
  'This is a mistake in Sfumato: please report it.': 'Das ist ein Fehler in Sfumato: bitte melden.',
  'The change does not fit the document: {what}.': 'Die Änderung passt nicht zum Dokument: {what}.',
  'Open the document again.': 'Das Dokument noch einmal öffnen.',
  'There is nothing that can be undone.': 'Es gibt nichts, was rückgängig gemacht werden kann.',
  'There is nothing that can be done again.': 'Es gibt nichts, was wiederholt werden kann.',
  '"{name}" was changed in another window meanwhile.': '„{name}“ wurde inzwischen in einem anderen Fenster geändert.',
  'Open it again to go on from there.': 'Noch einmal öffnen, um von dort weiterzumachen.',
  'The settings do not fit the layer "{name}".': 'Die Einstellungen passen nicht zur Ebene „{name}“.',
  '{it} pieces of this change are not in the library.': '{it} Stücke dieser Änderung sind nicht in der Bibliothek.',
  'They have to be sent before the change that names them.':
    'Sie müssen vor der Änderung gesendet werden, die sie nennt.',
  'This version of the document is not in the library any more.':
    'Dieser Stand des Dokuments ist nicht mehr in der Bibliothek.',
  '{path} is {width} × {height} pixels and has no such part.':
    '{path} hat {width} × {height} Pixel und keinen solchen Ausschnitt.',
  'Choose a part of at least one pixel inside the picture.':
    'Einen Ausschnitt von mindestens einem Pixel im Bild wählen.',
  '{root} is a file, not a folder of pictures.': '{root} ist eine Datei, kein Ordner mit Bildern.',
  'Choose its folder.': 'Ihren Ordner wählen.',
  '{folder} and the folders in it have more than {mostPictures} pictures.':
    '{folder} und die Ordner darin haben mehr als {mostPictures} Bilder.',
  'Choose a smaller folder.': 'Einen kleineren Ordner wählen.',
  'The data set {name} has no picture to learn from.': 'Der Datensatz {name} hat kein Bild zum Lernen.',
  'Put pictures of each class in a folder of its own.': 'Bilder jeder Klasse in einen eigenen Ordner legen.',
  'Add pictures to its folder.': 'Bilder in seinen Ordner legen.',
  'Stopped.': 'Beendet.',
  'There is no data set {it} in the library.': 'In der Bibliothek ist kein Datensatz {it}.',
  'Choose a folder with PNG, JPEG, WebP, AVIF, GIF or TIFF files.':
    'Einen Ordner mit PNG-, JPEG-, WebP-, AVIF-, GIF- oder TIFF-Dateien wählen.',
  'The picture has {length} bytes, more than {largestPicture}.':
    'Das Bild hat {length} Bytes, mehr als {largestPicture}.',
  'The picture took longer than {it} seconds to decode.': 'Das Bild zu entschlüsseln dauerte länger als {it} Sekunden.',
  'The decoder does not start ({message}).': 'Der Leser für Bilder startet nicht ({message}).',
  'The picture has more than {it} million pixels.': 'Das Bild hat mehr als {it} Millionen Pixel.',
  'The picture is damaged ({it}).': 'Das Bild ist beschädigt ({it}).',
  'Copy or download it again.': 'Noch einmal kopieren oder laden.',
  'The engine is not told its folder.': 'Der Engine wurde ihr Ordner nicht genannt.',
  'Use --home.': '--home verwenden.',
  "This computer's processor computes wrong numbers in {precision}.":
    'Der Prozessor dieses Computers rechnet in {precision} falsche Zahlen.',
  'Choose the precision "as stored" or "fp32".': 'Die Genauigkeit „Wie gespeichert“ oder „fp32“ wählen.',
  'A message of {length} bytes is too long; at most {limit} can be sent.':
    'Eine Nachricht von {length} Bytes ist zu lang; höchstens {limit} können gesendet werden.',
  'A message announces {length} bytes; between 1 and {limit} are possible.':
    'Eine Nachricht kündigt {length} Bytes an; möglich sind 1 bis {limit}.',
  'A message between the app and its engine is not in the agreed format.':
    'Eine Nachricht zwischen der App und ihrer Engine hat nicht das vereinbarte Format.',
  'Only a training that waits or runs can be paused, or ended with what it has.':
    'Nur ein Training, das wartet oder läuft, kann angehalten oder mit dem bisher Gelernten beendet werden.',
  'There is no model "{reference}" on this computer.': 'Auf diesem Computer ist kein Modell „{reference}“.',
  'The words could not be looked for in the picture for a reason that Sfumato does not know.':
    'Die Worte konnten aus einem Grund, den Sfumato nicht kennt, nicht im Bild gesucht werden.',
  'Use another model, or paint the mask.': 'Ein anderes Modell nehmen oder die Maske malen.',
  'The model that finds words needed too much memory, or broke.':
    'Das Modell, das Worte findet, brauchte zu viel Speicher oder ging kaputt.',
  'Close other programs or use a smaller model; the mask can also be painted.':
    'Andere Programme schließen oder ein kleineres Modell nehmen; die Maske kann auch gemalt werden.',
  'The picture that was looked at is not there any more.': 'Das Bild, das angesehen wurde, ist nicht mehr da.',
  'Look again.': 'Noch einmal hinsehen.',
  '{name} does not find words in pictures.': '{name} findet keine Worte in Bildern.',
  'Choose a CLIPSeg.': 'Ein CLIPSeg wählen.',
  'Nothing is said of what to find.': 'Es ist nicht gesagt, was gefunden werden soll.',
  '{count} things are too many; {MOST} are the most.': '{count} Dinge sind zu viele; höchstens {MOST}.',
  'Write what is in the picture, with commas between several things.':
    'Schreiben, was im Bild ist, mit Kommas zwischen mehreren Dingen.',
  'There is no model here that finds in pictures what words say.':
    'Hier ist kein Modell, das in Bildern findet, was Worte sagen.',
  'Add a CLIPSeg, such as the folder of CIDAS/clipseg-rd64-refined, in Models, or name it with --model.':
    'Ein CLIPSeg unter Modelle hinzufügen, etwa den Ordner von CIDAS/clipseg-rd64-refined, oder mit --model nennen.',
  'Give the path of a model, a file or a folder.': 'Den Pfad eines Modells angeben, eine Datei oder einen Ordner.',
  'Choose {names}, or the path of a file or folder.': '{names} wählen, oder den Pfad einer Datei oder eines Ordners.',
  'There is no model {it} in the library.': 'In der Bibliothek ist kein Modell {it}.',
  '{what} than {it}: its size or its content differs.': '{what} als {it}: Größe oder Inhalt ist anders.',
  'Choose the file that was moved; another model can be added as a new one.':
    'Die Datei wählen, die verschoben wurde; ein anderes Modell kann als neues hinzugefügt werden.',
  'There is no network {it} that finds objects.': 'Es gibt kein Netz {it}, das Gegenstände findet.',
  'Choose another one in the options of the wand.': 'In den Optionen des Zauberstabs ein anderes wählen.',
  'Checkpoints, LoRAs, embeddings, ControlNets, IP-Adapters, VAEs, text encoders, image encoders, upscalers and networks that find objects, poses or depth (ONNX) or what words say (CLIPSeg) are.':
    'Das sind Checkpoints, LoRAs, Embeddings, ControlNets, IP-Adapter, VAEs, Text-Encoder, Bild-Encoder, Upscaler und Netze, die Gegenstände, Posen oder Tiefe (ONNX) oder das finden, was Worte sagen (CLIPSeg).',
  '{it} The path of a file does too.': '{it} Der Pfad einer Datei geht auch.',
  'The model in {path} cannot be read.': 'Das Modell in {path} kann nicht gelesen werden.',
  'Sfumato does not run on {platform} with a {architecture} processor.':
    'Sfumato läuft nicht unter {platform} mit einem {architecture}-Prozessor.',
  'It runs on Linux (x64, arm64), Windows (x64) and macOS (x64, arm64).':
    'Es läuft unter Linux (x64, arm64), Windows (x64) und macOS (x64, arm64).',
  'The Node program that runs the engine is missing ({it}).':
    'Das Node-Programm, in dem die Engine läuft, fehlt ({it}).',
  'Install Sfumato again.': 'Sfumato noch einmal installieren.',
  'Run "npm ci" again, without leaving optional packages out.':
    '„npm ci“ noch einmal ausführen, ohne optionale Pakete wegzulassen.',
  'The file has {length} bytes, more than {largestPicture}.':
    'Die Datei hat {length} Bytes, mehr als {largestPicture}.',
  'The file took longer than {seconds} seconds to open.': 'Die Datei zu öffnen dauerte länger als {seconds} Sekunden.',
  'Save it again with fewer or smaller layers.': 'Mit weniger oder kleineren Ebenen neu sichern.',
  'The opener does not start ({message}).': 'Der Leser für Dateien startet nicht ({message}).',
  'This kind of Photoshop file cannot be read ({reason}).':
    'Diese Art von Photoshop-Datei kann nicht gelesen werden ({reason}).',
  'The Photoshop file is damaged ({reason}).': 'Die Photoshop-Datei ist beschädigt ({reason}).',
  'Save or copy it again.': 'Neu sichern oder kopieren.',
  'The picture has {width} × {height} pixels: {it} million, and at most {it2} million can be opened.':
    'Das Bild hat {width} × {height} Pixel: {it} Millionen, und höchstens {it2} Millionen lassen sich öffnen.',
  'The file has more than {mostLayers} layers.': 'Die Datei hat mehr als {mostLayers} Ebenen.',
  'Merge some of them.': 'Einige davon vereinen.',
  'The layers of the file have more than {it} million pixels together.':
    'Die Ebenen der Datei haben zusammen mehr als {it} Millionen Pixel.',
  'Merge some of them, or make it smaller in another program.':
    'Einige davon vereinen, oder in einem anderen Programm verkleinern.',
  'This Photoshop file has more than 8 bits a channel.': 'Diese Photoshop-Datei hat mehr als 8 Bit je Kanal.',
  'There is no picture {it}, in the library or as a file.':
    'Es gibt kein Bild {it}, weder in der Bibliothek noch als Datei.',
  'Give the path of a PNG, JPEG or WebP file.': 'Den Pfad einer PNG-, JPEG- oder WebP-Datei angeben.',
  'The file has more than {it} MB.': 'Die Datei hat mehr als {it} MB.',
  'The file did not arrive.': 'Die Datei kam nicht an.',
  'Open it again.': 'Noch einmal öffnen.',
  '{path} is no file.': '{path} ist keine Datei.',
  'The picture has {size} bytes, more than {largestPicture}.': 'Das Bild hat {size} Bytes, mehr als {largestPicture}.',
  '{path} is another picture now than when the data set was made.':
    '{path} ist jetzt ein anderes Bild als damals, als der Datensatz entstand.',
  'Look through the data set again.': 'Den Datensatz noch einmal durchsehen.',
  'This Sfumato cannot draw with {name}, so nothing can be compared.':
    'Dieses Sfumato kann mit {name} nicht zeichnen, also lässt sich nichts vergleichen.',
  'Choose {hint}.': '{hint} wählen.',
  'WebGPU cannot be used on this computer: {reason}.':
    'WebGPU kann auf diesem Computer nicht benutzt werden: {reason}.',
  'Choose the provider "auto" or "cpu".': 'Den Provider „auto“ oder „cpu“ wählen.',
  'The precision fp16 cannot be used here: {why}.': 'Die Genauigkeit fp16 kann hier nicht benutzt werden: {why}.',
  'The network that finds objects needed too much memory, or broke.':
    'Das Netz, das Gegenstände findet, brauchte zu viel Speicher oder brach ab.',
  'Close other programs or bring a smaller network; the object can also be chosen by its edges.':
    'Andere Programme schließen oder ein kleineres Netz nehmen; der Gegenstand kann auch nach seinen Kanten gewählt werden.',
  'The picture that was clicked is not there any more.': 'Das angeklickte Bild ist nicht mehr da.',
  'Click again.': 'Noch einmal klicken.',
  '{path} cannot be used alone. {problem}': '{path} kann nicht allein benutzt werden. {problem}',
  'Add it in Models.': 'Unter Modelle hinzufügen.',
  'What this training takes is told when it begins.': 'Was dieses Training braucht, wird gesagt, wenn es beginnt.',
  'This training goes on already.': 'Dieses Training läuft schon weiter.',
  '{path} was written, and is no model.': '{path} wurde geschrieben und ist kein Modell.',
  'What this training takes could not be told.': 'Was dieses Training braucht, ließ sich nicht sagen.',
  'The run is watched by this prompt already.': 'Der Lauf wird schon mit diesem Prompt beobachtet.',
  'A run is watched by at most {MOST_PROMPTS} prompts.':
    'Ein Lauf wird mit höchstens {MOST_PROMPTS} Prompts beobachtet.',
  'What was learned up to step {step} was not kept.': 'Was bis Schritt {step} gelernt wurde, ist nicht aufgehoben.',
  'Let it go on for a while.': 'Eine Weile weiterlaufen lassen.',
  'Choose one of the steps {it}.': 'Einen der Schritte {it} wählen.',
  'This training has not come apart, and goes on at its own rate.':
    'Dieses Training ist nicht entgleist und läuft mit seiner eigenen Lernrate weiter.',
  'This training is not on this computer any more.': 'Dieses Training ist nicht mehr auf diesem Computer.',
  'Start it again.': 'Noch einmal starten.',
  '"{title}" makes something, and answers nothing.': '„{title}“ macht etwas und beantwortet nichts.',
  'It was stopped before the answer was there.': 'Es wurde angehalten, bevor die Antwort da war.',
  'This Sfumato cannot do "{operation}".': 'Dieses Sfumato kann „{operation}“ nicht.',
  '{path} cannot be read as a picture.': '{path} kann nicht als Bild gelesen werden.',
  'The picture that this begins from is no longer in the library.':
    'Das Bild, von dem dies ausgeht, ist nicht mehr in der Bibliothek.',
  'This Sfumato cannot do "{id}".': 'Dieses Sfumato kann „{id}“ nicht.',
  'It can do {it}.': 'Es kann {it}.',
  'There is a model called "{it}" in {it2} already.': 'In {it2} gibt es schon ein Modell namens „{it}“.',
  'Choose another name.': 'Einen anderen Namen wählen.',
  'See models --help.': 'Siehe models --help.',
  'See datasets --help.': 'Siehe datasets --help.',
  'See --help.': 'Siehe --help.',
  'There is no operation "{id}".': 'Es gibt keine Operation „{id}“.',
  'No class of this model is called {it}.': 'Keine Klasse dieses Modells heißt {it}.',
  'Give its number: this model names none.': 'Ihre Nummer angeben: dieses Modell nennt keine Namen.',
  'There are {some}{it}.': 'Es gibt {some}{it}.',
  'No model came with this copy of Sfumato.': 'Mit dieser Kopie von Sfumato kam kein Modell.',
  'Name the folder of one with --model.': 'Mit --model den Ordner eines Modells nennen.',
  'The job was {state}.': 'Der Auftrag endete so: {state}.',
  'The picture for {file} is no longer in the library.': 'Das Bild für {file} ist nicht mehr in der Bibliothek.',
  'Nothing was fetched.': 'Nichts wurde geholt.',
  'Add --yes to agree to what is shown.': 'Mit --yes dem zustimmen, was gezeigt wird.',
  'See models get --help.': 'Siehe models get --help.',
  'See metrics --help.': 'Siehe metrics --help.',
  'There is no picture in {place}.': 'In {place} ist kein Bild.',
  'Choose another folder.': 'Einen anderen Ordner wählen.',
  'None of the pictures can be read.': 'Keines der Bilder kann gelesen werden.',
  'A CLIP model has no classes of its own.': 'Ein CLIP-Modell hat keine eigenen Klassen.',
  'Name a file of them with --classes, or an InceptionV3 with --network.':
    'Mit --classes eine Datei mit Klassen nennen, oder mit --network ein InceptionV3.',
  'No picture in {first} has one of the same name in {second}.':
    'Kein Bild in {first} hat eines mit demselben Namen in {second}.',
  'Name the pictures alike, whatever their formats are.': 'Die Bilder gleich benennen; ihr Format ist gleichgültig.',
  'Pictures of {width} x {height} and {width2} x {height2} pixels cannot be compared pixel by pixel.':
    'Bilder von {width} x {height} und {width2} x {height2} Pixeln lassen sich nicht Pixel für Pixel vergleichen.',
  'Bring them to one size first.': 'Zuerst auf eine Größe bringen.',
  '{label} reads no texts.': '{label} liest keine Texte.',
  'Choose a CLIP model.': 'Ein CLIP-Modell wählen.',
  'No picture in {place} has words beside it or in it.': 'Kein Bild in {place} hat Worte neben sich oder in sich.',
  'Put a text file of the same name beside each, or name one text for all with --prompt.':
    'Neben jedes eine Textdatei mit demselben Namen legen, oder mit --prompt einen Text für alle nennen.',
  'See models merge --help.': 'Siehe models merge --help.',
  'There is no model in {it}.': 'In {it} ist kein Modell.',
  'Nothing was imported.': 'Nichts wurde importiert.',
  'See models list.': 'Siehe models list.',
  '{folder} exists already.': '{folder} gibt es schon.',
  'Name another folder.': 'Einen anderen Ordner nennen.',
  '{path} is a folder.': '{path} ist ein Ordner.',
  'Give --out the name of a file in it, such as picture.png.':
    'Mit --out den Namen einer Datei darin angeben, etwa picture.png.',
  '--out must name a PNG file, not {it}.': '--out muss eine PNG-Datei nennen, nicht {it}.',
  'Let it end in .png.': 'Den Namen auf .png enden lassen.',
  '{folder} cannot be written to.': 'In {folder} kann nicht geschrieben werden.',
  'Choose another folder with --out.': 'Mit --out einen anderen Ordner wählen.',
  'There is no trainer {it}.': 'Es gibt keinen Trainer {it}.',
  'Use {it} or new; --help after it tells how.': '{it} oder new verwenden; --help dahinter sagt, wie.',
}
