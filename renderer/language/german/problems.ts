import type { Texts } from '../texts.ts'

/** What the engine says: what went wrong, what to do, and what a job is doing. Names and numbers stand in holes; a sentence that is not here is shown
 *  as the engine wrote it. */
export const problems: Texts = {
  // ---- Disk and library ------------------------------------------------------------------------------------------------------
  'The disk is full; {path} could not be written.': 'Der Datenträger ist voll; {path} konnte nicht geschrieben werden.',
  'Free some space, then try again; nothing that was there is lost.':
    'Etwas Platz schaffen und noch einmal versuchen; nichts von dem, was da war, ist verloren.',
  'Free some space, then resume.': 'Etwas Platz schaffen, dann fortsetzen.',
  'Free some space.': 'Etwas Platz schaffen.',
  'The disk reported an error at {path}.': 'Der Datenträger meldete einen Fehler bei {path}.',
  'Check the disk; nothing that was recorded before is lost.':
    'Den Datenträger prüfen; nichts, was vorher verzeichnet war, ist verloren.',
  '{path} cannot be written.': '{path} kann nicht geschrieben werden.',
  'Allow writing in this folder, or set SFUMATO_HOME to another one.':
    'Das Schreiben in diesem Ordner erlauben, oder SFUMATO_HOME auf einen anderen setzen.',
  '{path} is damaged and was left as it is.': '{path} ist beschädigt und wurde gelassen, wie es ist.',
  'Put a copy from the folder "backups" beside it in its place, then start again.':
    'Eine Kopie aus dem Ordner „backups“ daneben an seine Stelle setzen und neu starten.',
  '{path} is in use by another program for longer than five seconds.':
    '{path} wird seit über fünf Sekunden von einem anderen Programm benutzt.',
  'Try again in a moment.': 'Gleich noch einmal versuchen.',
  'Try again.': 'Noch einmal versuchen.',
  'Try again; the log says more.': 'Noch einmal versuchen; das Protokoll sagt mehr.',

  // ---- Runs --------------------------------------------------------------------------------------------------------------------
  'Sfumato ended unexpectedly while this was being made.': 'Sfumato endete unerwartet, während dies entstand.',
  'Sfumato was closed while this was being made.': 'Sfumato wurde geschlossen, während dies entstand.',
  'Run it again.': 'Noch einmal starten.',
  'Run it again; the log says more.': 'Noch einmal starten; das Protokoll sagt mehr.',
  'The engine ended before the picture was done.': 'Die Engine endete, bevor das Bild fertig war.',
  'This job is not in the list any more.': 'Dieser Auftrag steht nicht mehr in der Liste.',
  'This job belongs to another Sfumato that is open on this computer.':
    'Dieser Auftrag gehört einem anderen Sfumato, das auf diesem Computer offen ist.',
  'Do it there.': 'Dort tun.',
  'The mask marks nothing.': 'Die Maske markiert nichts.',
  'Nothing says what shall be drawn again.': 'Nichts sagt, was neu gezeichnet werden soll.',
  'Paint over what shall change.': 'Übermalen, was sich ändern soll.',
  'Use a mask of the same size as the picture.': 'Eine Maske von der Größe des Bildes nehmen.',
  'Choose fewer steps.': 'Weniger Schritte wählen.',
  'Choose another model.': 'Ein anderes Modell wählen.',
  'Choose another ControlNet.': 'Ein anderes ControlNet wählen.',
  'Choose another file.': 'Eine andere Datei wählen.',
  'Choose at least one.': 'Mindestens eines wählen.',
  'This needs about {memory} of memory ({parts}); {whose} {limit}.':
    'Das braucht etwa {memory} Speicher ({parts}); {whose} {limit}.',
  'This board is not in the library any more.': 'Diese Pinnwand ist nicht mehr in der Bibliothek.',
  'This data set is not in the library any more.': 'Dieser Datensatz ist nicht mehr in der Bibliothek.',
  'This document is not in the library any more.': 'Dieses Dokument ist nicht mehr in der Bibliothek.',
  'This picture is not in the library any more.': 'Dieses Bild ist nicht mehr in der Bibliothek.',
  'The file of this picture is not there any more.': 'Die Datei dieses Bildes ist nicht mehr da.',
  'This picture cannot be compared with others: its file could not be looked at.':
    'Dieses Bild kann nicht mit anderen verglichen werden: seine Datei konnte nicht angesehen werden.',
  'Search by its words or colours.': 'Nach seinen Worten oder Farben suchen.',

  // ---- Files ---------------------------------------------------------------------------------------------------------------------
  'This is not a picture that can be read.': 'Das ist kein Bild, das gelesen werden kann.',
  'Use a PNG, JPEG, WebP, AVIF, GIF or TIFF file.': 'Eine PNG-, JPEG-, WebP-, AVIF-, GIF- oder TIFF-Datei nehmen.',
  'Choose a PNG, JPEG or WebP file.': 'Eine PNG-, JPEG- oder WebP-Datei wählen.',
  'The picture could not be decoded: it needed too much memory, or broke its decoder.':
    'Das Bild konnte nicht entschlüsselt werden: es brauchte zu viel Speicher oder brach seinen Leser ab.',
  'The file could not be opened: it needed too much memory, or broke its reader.':
    'Die Datei konnte nicht geöffnet werden: sie brauchte zu viel Speicher oder brach ihren Leser ab.',
  'The picture took longer than {seconds} seconds to decode.':
    'Das Bild zu entschlüsseln dauerte länger als {seconds} Sekunden.',
  'The picture has more than {millions} million pixels.': 'Das Bild hat mehr als {millions} Millionen Pixel.',
  'The picture has {width} × {height} pixels: {size} million, and at most {limit} can be opened.':
    'Das Bild hat {width} × {height} Pixel: {size} Millionen, und höchstens {limit} lassen sich öffnen.',
  'The picture is damaged ({reason}).': 'Das Bild ist beschädigt ({reason}).',
  'The file has more than {size} MB.': 'Die Datei hat mehr als {size} MB.',
  'The Photoshop file holds no picture.': 'Die Photoshop-Datei enthält kein Bild.',
  'Make it smaller in another program.': 'In einem anderen Programm verkleinern.',
  'Open it in another program and save it again.': 'In einem anderen Programm öffnen und neu sichern.',
  'Save it as RGB with 8 bits a channel.': 'Als RGB mit 8 Bit je Kanal sichern.',
  'This picture does not say how it was made.': 'Dieses Bild sagt nicht, wie es entstand.',
  'Pictures keep their recipe only in the PNG files that Sfumato, InvokeAI or A1111 wrote.':
    'Ihr Rezept behalten Bilder nur in PNG-Dateien, die Sfumato, InvokeAI oder A1111 geschrieben haben.',
  'There is no picture in {folder}.': 'In {folder} ist kein Bild.',
  'Choose a folder with PNG, JPEG or WebP files in it.': 'Einen Ordner mit PNG-, JPEG- oder WebP-Dateien wählen.',
  'Choose a folder on this computer.': 'Einen Ordner auf diesem Computer wählen.',
  'Check the path.': 'Den Pfad prüfen.',

  // ---- Models --------------------------------------------------------------------------------------------------------------------
  'There is no model "{name}" on this computer.': 'Auf diesem Computer ist kein Modell „{name}“.',
  '{path} is no longer there. Find it where it is now, put it back, or remove it from the list.':
    '{path} ist nicht mehr da. Dort finden, wo es jetzt ist, zurücklegen oder aus der Liste entfernen.',
  'Download or copy the model again.': 'Das Modell noch einmal laden oder kopieren.',
  'Download the model again.': 'Das Modell noch einmal laden.',
  'Download or copy it again.': 'Noch einmal laden oder kopieren.',
  'Wait until it is copied or downloaded completely.': 'Warten, bis es ganz kopiert oder geladen ist.',
  '{path} is no kind of model that is known here.': '{path} ist keine Art von Modell, die hier bekannt ist.',
  'Checkpoints, LoRAs, embeddings, ControlNets, VAEs, text encoders and upscalers are.':
    'Das sind Checkpoints, LoRAs, Embeddings, ControlNets, VAEs, Text-Encoder und Upscaler.',
  'Use the same model saved as .safetensors.': 'Dasselbe Modell als .safetensors nehmen.',
  'Check the connection to the internet, then try again; what has arrived is kept.':
    'Die Verbindung zum Internet prüfen und noch einmal versuchen; was ankam, ist behalten.',
  'The download was stopped.': 'Der Download wurde beendet.',
  'Resume it later; what has arrived is kept.': 'Später fortsetzen; was ankam, ist behalten.',
  '{name} needs {needed} more, but the disk has {free} free.':
    '{name} braucht noch {needed}, aber auf dem Datenträger sind {free} frei.',
  'There is no {what} at {host}, or it is private.': 'Bei {host} gibt es kein {what}, oder es ist nicht öffentlich.',
  'Check its name.': 'Den Namen prüfen.',
  'Only a graphics card computes in it.': 'Darin rechnet nur eine Grafikkarte.',
  'About {gain} times as quick on this computer.': 'Auf diesem Computer etwa {gain}-mal so schnell.',
  'It would be no quicker on this computer.': 'Auf diesem Computer wäre es nicht schneller.',
  'It would be {gain} times as quick on this computer.': 'Auf diesem Computer wäre es {gain}-mal so schnell.',
  'It could not be tried out on this computer.': 'Auf diesem Computer ließ es sich nicht ausprobieren.',
  'Being tried out on this computer.': 'Wird auf diesem Computer ausprobiert.',

  // ---- What a job is doing -------------------------------------------------------------------------------------------------------
  'Opening {model}, {part} of {parts} parts': 'Öffnet {model}, {part} von {parts} Teilen',
  'Opening {model}': 'Öffnet {model}',
  'Reading the prompt': 'Liest den Prompt',
  'Reading the pictures': 'Liest die Bilder',
  'Drawing class image {number} of {count}': 'Zeichnet Klassenbild {number} von {count}',
  'Learning from {count} pictures': 'Lernt aus {count} Bildern',
  'Measuring a step': 'Misst einen Schritt',
  'Looking at the beginning': 'Sieht den Anfang an',
  'Merging weights, {done} of {total}': 'Rechnet Gewichte ein, {done} von {total}',
  'Writing the weights in the chosen precision, once': 'Schreibt die Gewichte in der gewählten Genauigkeit, einmal',
  'No port came from the window’s process.': 'Vom Prozess des Fensters kam kein Anschluss.',
  'The engine does not answer.': 'Die Engine antwortet nicht.',
  'The engine is starting again; what was done is kept here and saved when it is back.':
    'Die Engine startet neu; was getan wurde, ist hier aufgehoben und wird gesichert, wenn sie wieder da ist.',
  '"{name}" was deleted for good in another window.': '„{name}“ wurde in einem anderen Fenster endgültig gelöscht.',
  'The file could not be written: {reason}': 'Die Datei konnte nicht geschrieben werden: {reason}',
  'The models could not be merged.': 'Die Modelle konnten nicht zusammengeführt werden.',
}
