import type { Texts } from '../texts.ts'

/** The app's own settings, and the keys. */
export const settings: Texts = {
  Look: 'Aussehen',
  Theme: 'Farbschema',
  Language: 'Sprache',
  English: 'English',
  Deutsch: 'Deutsch',
  'As the system': 'Wie das System',
  Dark: 'Dunkel',
  Light: 'Hell',
  Contrast: 'Kontrast',
  'More contrast draws a line around every control and makes colours stronger.':
    'Mehr Kontrast zieht eine Linie um jedes Bedienelement und macht Farben kräftiger.',
  'Tell when done': 'Melden, wenn fertig',
  'By a notification of the system, only while the window is hidden.':
    'Mit einer Mitteilung des Systems, nur während das Fenster verdeckt ist.',
  'Say that a model made them': 'Sagen, dass ein Modell sie gemacht hat',
  'New pictures carry a mark for other programs (IPTC “digital source type”): made by a model, or made from other pictures by one. Nobody sees it in the picture.':
    'Neue Bilder tragen ein Zeichen für andere Programme (IPTC „digital source type“): von einem Modell gemacht, oder von einem aus anderen Bildern gemacht. Im Bild sieht es niemand.',
  'The engine is starting. Its settings are here as soon as it is there.':
    'Die Engine startet. Ihre Einstellungen stehen hier, sobald sie da ist.',
  'Memory and device': 'Speicher und Gerät',
  'Compute on': 'Rechnen auf',
  Automatic: 'Automatisch',
  Processor: 'Prozessor',
  'Graphics card': 'Grafikkarte',
  'the processor': 'Prozessor',
  'the graphics card (WebGPU)': 'Grafikkarte (WebGPU)',
  'Now: {device}.': 'Jetzt: {device}.',
  'A graphics card is used only after it passed its self-test.':
    'Eine Grafikkarte wird erst benutzt, wenn sie ihren Selbsttest bestanden hat.',
  'Half precision: {words}': 'Halbe Genauigkeit: {words}',
  'Memory for models': 'Speicher für Modelle',
  'How much of the memory loaded models may take; what was not used for longest leaves first.':
    'Wie viel Speicher geladene Modelle nehmen dürfen; was am längsten nicht benutzt wurde, geht zuerst.',
  'At most': 'Höchstens',
  Precision: 'Genauigkeit',
  'Of the network that draws. The next run takes it; all but “As stored” are written to the cache once for each model, which takes a moment.':
    'Des Netzes, das zeichnet. Der nächste Lauf nimmt sie; alle außer „Wie gespeichert“ werden für jedes Modell einmal in den Cache geschrieben, was einen Moment dauert.',
  'As stored': 'Wie gespeichert',
  '8 bit': '8 Bit',
  '4 bit': '4 Bit',
  'From the model’s own file: exact, and nothing is written to disk.':
    'Aus der Datei des Modells: genau, und nichts wird auf den Datenträger geschrieben.',
  'The same pictures but for roundings, and often quicker, for twice the memory and disk of an fp16 file.':
    'Bis auf Rundungen dieselben Bilder und oft schneller, mit doppeltem Speicher und Platz einer fp16-Datei.',
  'Computed in half precision with its sensitive parts in single: half the memory, and mostly no visible loss.':
    'In halber Genauigkeit gerechnet, empfindliche Teile in einfacher: halber Speicher und meist kein sichtbarer Verlust.',
  'About half the memory of fp16, and mostly no visible loss.':
    'Etwa halb so viel Speicher wie fp16 und meist kein sichtbarer Verlust.',
  'The least memory, and a visible loss: for models that do not fit otherwise.':
    'Am wenigsten Speicher und ein sichtbarer Verlust: für Modelle, die sonst nicht passen.',
  About: 'Über',
  'Works on this computer alone. The network is used only in Models, when you look one up and get it.':
    'Arbeitet auf diesem Computer allein. Das Netz wird nur bei den Modellen benutzt, um eines nachzusehen und zu holen.',
  Keys: 'Tasten',
  'Search commands and keys': 'Befehle und Tasten suchen',
  'All keys are as they were at first.': 'Alle Tasten sind wie am Anfang.',
  'Reset all keys': 'Alle Tasten zurücksetzen',
  'No command is called “{words}”.': 'Kein Befehl heißt „{words}“.',
  Commands: 'Befehle',
  'No key': 'Keine Taste',
  '“{title}” has no key now.': '„{title}“ hat jetzt keine Taste.',
  '“{title}” is {key} now.': '„{title}“ ist jetzt {key}.',
  everywhere: 'überall',
  'Reset the keys of {title}': 'Tasten von {title} zurücksetzen',
  '“{title}” has its own keys again.': '„{title}“ hat wieder seine eigenen Tasten.',
  'Press the new key of {title}': 'Die neue Taste für {title} drücken',
  'Press the new key': 'Neue Taste drücken',
  '{key} is {titles}.': '{key} ist {titles}.',
  '{key} is {titles}, which stays where it is. Press another key.':
    '{key} ist {titles}, und das bleibt so. Eine andere Taste drücken.',
  'Use it here instead': 'Stattdessen hier nehmen',
  'Leave it': 'So lassen',
  'the same picture': 'dasselbe Bild',
  '{loss} dB; 45 and more nobody sees': '{loss} dB; ab 45 sieht es niemand',
  'The next picture is made with: {choice}.': 'Das nächste Bild entsteht mit: {choice}.',
  '{label}: {loss}, with {model}.': '{label}: {loss}, mit {model}.',
  'Share of the memory that models may use.': 'Anteil des Speichers, den Modelle nutzen dürfen.',
  'The pen’s pressure counts in another way.': 'Der Druck des Stifts zählt anders.',
  '{across} across, {up} up': '{across} hinüber, {up} hinauf',
  'Interface size': 'Größe der Oberfläche',
  'In percent. Ctrl and + or - change it in smaller steps.':
    'In Prozent. Strg und + oder - ändern sie in kleineren Schritten.',
  'Is everything small?': 'Ist alles klein?',
  'This screen has many pixels. The size can be changed at any time in Settings, or with Ctrl and + or -.':
    'Dieser Bildschirm hat viele Pixel. Die Größe lässt sich jederzeit in den Einstellungen oder mit Strg und + oder - ändern.',
  'Show all larger': 'Alles größer zeigen',
}
