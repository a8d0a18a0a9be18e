import type { Texts } from '../texts.ts'

/** What can be done, and with what: titles and sentences of the operations' schemas and of the samplers (app/operations, app/schedulers). */
export const operations: Texts = {
  // ---- What can be done ------------------------------------------------------------------------------------------------
  'Text to image': 'Text zu Bild',
  'Draws what a prompt describes.': 'Zeichnet, was ein Prompt beschreibt.',
  'Image to image': 'Bild zu Bild',
  'Draws a picture anew after a prompt, and keeps of it what the strength leaves.':
    'Zeichnet ein Bild nach einem Prompt neu und behält davon, was die Stärke übrig lässt.',
  'In-paint': 'Füllen',
  'Draws anew what a mask marks, and keeps everything else of the picture as it is.':
    'Zeichnet neu, was eine Maske markiert, und lässt alles andere am Bild, wie es ist.',
  'Smart brush': 'Kluger Pinsel',
  'Draws a thing into a painted shape. It takes a model that was taught shapes.':
    'Zeichnet ein Ding in eine gemalte Form. Dafür braucht es ein Modell, das Formen gelernt hat.',
  'Follow the shape': 'Der Form folgen',
  'How closely the thing fills what was painted: exactly to its outline, closely, loosely, roughly, or anywhere in it; what it does not cover stays as it was.':
    'Wie eng das Ding füllt, was gemalt wurde: genau bis zum Umriss, eng, locker, grob oder irgendwo darin; was es nicht bedeckt, bleibt, wie es war.',
  'Teach the smart brush': 'Klugen Pinsel beibringen',
  'Teaches a model to draw things into painted shapes, from pictures with masks of what is in them; a new model is made.':
    'Lehrt ein Modell, Dinge in gemalte Formen zu zeichnen, aus Bildern mit Masken dessen, was darauf ist; es entsteht ein neues Modell.',
  'Draw a class': 'Klasse zeichnen',
  'Draws pictures of one of the classes that a model was trained on.':
    'Zeichnet Bilder einer der Klassen, mit denen ein Modell trainiert wurde.',
  'Draw without words': 'Ohne Worte zeichnen',
  'Draws pictures like those that a model was trained on, without a prompt.':
    'Zeichnet ohne Prompt Bilder wie die, mit denen ein Modell trainiert wurde.',
  'Merge LoRAs into a model': 'LoRAs in ein Modell einrechnen',
  'Makes a new model that has LoRAs in it, each with its strength.':
    'Macht ein neues Modell, in dem LoRAs stecken, jedes mit seiner Stärke.',
  'Merge models': 'Modelle mischen',
  'Makes a new model of two, or puts on one what another learned beyond a third.':
    'Macht aus zweien ein neues Modell, oder gibt einem dazu, was ein anderes über ein drittes hinaus gelernt hat.',
  'Train a model of classes': 'Modell mit Klassen trainieren',
  'Teaches a model that draws classes from a folder with a folder of pictures for each class.':
    'Lehrt ein Modell, das Klassen zeichnet, aus einem Ordner mit einem Bilderordner für jede Klasse.',
  'Teach a control (ControlNet)': 'Steuerung beibringen (ControlNet)',
  'Learns to draw after control pictures, such as edges, from pairs of pictures; it takes many of them.':
    'Lernt aus Bilderpaaren, nach Steuerbildern wie Kanten zu zeichnen; dafür braucht es viele.',
  'Fine-tune a whole model': 'Ganzes Modell weitertrainieren',
  'Teaches the model itself what pictures show, and makes a new model of it; it takes much memory.':
    'Lehrt das Modell selbst, was Bilder zeigen, und macht ein neues daraus; das braucht viel Speicher.',
  'Teach a concept (LoRA)': 'Konzept beibringen (LoRA)',
  'Learns what a few pictures show, as a LoRA that draws it when its word is said.':
    'Lernt, was ein paar Bilder zeigen, als LoRA, das es zeichnet, wenn sein Wort fällt.',
  'Teach a word (textual inversion)': 'Wort beibringen (Textual Inversion)',
  'Learns what a few pictures show as the meaning of a new word; a very small file, which changes nothing else.':
    'Lernt, was ein paar Bilder zeigen, als Bedeutung eines neuen Wortes; eine sehr kleine Datei, die sonst nichts ändert.',
  'Train a model without words': 'Modell ohne Worte trainieren',
  'Teaches a model that draws without words the look of a folder of pictures; all of its weights learn.':
    'Lehrt ein Modell, das ohne Worte zeichnet, das Aussehen eines Bilderordners; alle seine Gewichte lernen.',

  // ---- With what -------------------------------------------------------------------------------------------------------
  Prompt: 'Prompt',
  'What the picture shows; empty: whatever the model likes.': 'Was das Bild zeigt; leer: was dem Modell einfällt.',
  'Negative prompt': 'Negativer Prompt',
  'What the picture shall not show.': 'Was das Bild nicht zeigen soll.',
  Sampler: 'Sampler',
  'The method that turns noise into the picture.': 'Das Verfahren, das aus Rauschen das Bild macht.',
  Steps: 'Schritte',
  'How many steps from noise to picture; more are slower and often finer.':
    'Wie viele Schritte vom Rauschen zum Bild; mehr dauern länger und sind oft feiner.',
  Guidance: 'Guidance',
  'Where they pull': 'Wo sie ziehen',
  'A picture of the library by its id, or a file: white where the pulls act, black where not; empty: everywhere.':
    'Ein Bild der Bibliothek über seine Kennung oder eine Datei: weiß, wo die Züge wirken, schwarz, wo nicht; leer: überall.',
  Classifier: 'Klassifikator',
  'A network that tells classes of noisy pictures apart, by its name or file; it is trained with "Train a classifier"; empty: none.':
    'Ein Netz, das Klassen verrauschter Bilder unterscheidet, über Namen oder Datei; „Klassifikator trainieren“ macht eines; leer: keines.',
  'What the classifier shall see in the picture: the name of a class, or its number from 0.':
    'Was der Klassifikator im Bild sehen soll: der Name einer Klasse oder ihre Nummer ab 0.',
  'Pull of the class': 'Zug der Klasse',
  'How hard the picture is pulled towards that class; 0: not at all, less: away from it.':
    'Wie stark das Bild zu dieser Klasse gezogen wird; 0: gar nicht, weniger: von ihr weg.',
  'Train a classifier': 'Klassifikator trainieren',
  'Learns to tell noisy pictures of classes apart, from a folder with a folder for each; models without words are guided by it.':
    'Lernt, verrauschte Bilder von Klassen zu unterscheiden, aus einem Ordner mit einem Ordner je Klasse; Modelle ohne Wörter lassen sich damit führen.',
  'Perturbed attention': 'Gestörte Attention',
  'Away from what the model draws where places see themselves alone: clearer forms, with or without a prompt, for half more time; 0: not at all.':
    'Weg von dem, was das Modell malt, wo Stellen nur sich selbst sehen: klarere Formen, mit und ohne Prompt, bei halb so viel Zeit mehr; 0: gar nicht.',
  'Self-attention': 'Self-Attention',
  'Away from what the model draws where it looks most is blurred: finer details, for half more time; 0: not at all.':
    'Weg von dem, was das Modell malt, wenn verwischt ist, wohin es am meisten sieht: feinere Einzelheiten, bei halb so viel Zeit mehr; 0: gar nicht.',
  'Perturbed layers': 'Gestörte Schichten',
  'Where perturbed attention acts: how layers are named in the file, with commas; mid: in the middle.':
    'Wo gestörte Aufmerksamkeit wirkt: wie Schichten in der Datei heißen, mit Kommas; mid: in der Mitte.',
  'How hard the picture is pulled towards the prompt; 1: not at all.':
    'Wie stark das Bild zum Prompt gezogen wird; 1: gar nicht.',
  'How hard the picture is pulled towards the class; 1: not at all.':
    'Wie stark das Bild zur Klasse gezogen wird; 1: gar nicht.',
  'Guidance rescale': 'Guidance dämpfen',
  'Takes back the glare that strong guidance brings; 0: off, 1: fully.':
    'Nimmt das Grelle zurück, das starke Guidance bringt; 0: aus, 1: ganz.',
  'Guidance by the negative prompt': 'Guidance durch den negativen Prompt',
  'For models that take the guidance as an input, as Flux-dev: how hard the picture is pulled away from the negative prompt, at twice the time; 1: not at all.':
    'Für Modelle, die die Guidance als Eingabe nehmen, wie Flux-dev: wie stark das Bild vom negativen Prompt weggezogen wird, in doppelter Zeit; 1: gar nicht.',
  Seed: 'Seed',
  'Where the noise comes from: the same seed draws the same picture again. Empty: a new one each time.':
    'Woher das Rauschen kommt: derselbe Seed zeichnet dasselbe Bild wieder. Leer: jedes Mal ein neuer.',
  Width: 'Breite',
  Height: 'Höhe',
  Pictures: 'Bilder',
  'How many pictures; picture k takes the seed + k, so each can be drawn again alone.':
    'Wie viele Bilder; Bild k nimmt den Seed + k, so lässt sich jedes allein wieder zeichnen.',
  'Karras noise levels': 'Rauschstufen nach Karras',
  'More of the steps at low noise, where detail appears; samplers without noise levels to choose take no notice.':
    'Mehr der Schritte bei wenig Rauschen, wo Einzelheiten entstehen; für Sampler ohne wählbare Rauschstufen ohne Wirkung.',
  'Fresh noise': 'Frisches Rauschen',
  'DDIM alone: how much fresh noise each step adds; 0: none, 1: as much as DDPM.':
    'Nur DDIM: wie viel frisches Rauschen jeder Schritt dazugibt; 0: keines, 1: so viel wie DDPM.',
  'Clip skip': 'Clip skip',
  'Last layers of the text encoder that are left out for the prompt; some models were trained with 1.':
    'Letzte Schichten des Text-Encoders, die für den Prompt ausgelassen werden; manche Modelle wurden mit 1 trainiert.',
  'Long prompts': 'Lange Prompts',
  'What does not fit into the text encoder at once: chunks reads it in further parts, cut leaves it out.':
    'Was nicht auf einmal in den Text-Encoder passt: „chunks“ liest es in weiteren Teilen, „cut“ lässt es weg.',
  Picture: 'Bild',
  'The picture that is drawn anew.': 'Das Bild, das neu gezeichnet wird.',
  Strength: 'Stärke',
  'How much of the picture is given up; 0: nearly nothing, 1: all of it.':
    'Wie viel vom Bild aufgegeben wird; 0: fast nichts, 1: alles.',
  Fit: 'Einpassen',
  'What happens to a picture of other proportions: its edges are cut off, it is stretched, or its edges are drawn out.':
    'Was mit einem Bild anderer Proportionen geschieht: Ränder werden abgeschnitten, es wird gestreckt, oder die Ränder werden verlängert.',
  Mask: 'Maske',
  'White where the picture shall change, black where it stays; as large as the picture.':
    'Weiß, wo sich das Bild ändern soll, schwarz, wo es bleibt; so groß wie das Bild.',
  'Gray is strength': 'Grau ist Stärke',
  'Gray places of the mask change as much as they are bright; otherwise gray from half on counts as white.':
    'Graue Stellen der Maske ändern sich so stark, wie sie hell sind; sonst gilt Grau ab der Hälfte als Weiß.',
  'Soft edge': 'Weicher Rand',
  'Pixels inside the mask over which the new picture fades in; outside the mask nothing changes.':
    'Pixel innerhalb der Maske, über die das neue Bild einblendet; außerhalb der Maske ändert sich nichts.',
  'Only the masked area': 'Nur der maskierte Bereich',
  'Draws the part around the mask alone, at the full size, and puts it back: finer detail for small things.':
    'Zeichnet nur den Teil um die Maske, in voller Größe, und setzt ihn zurück: feinere Einzelheiten für kleine Dinge.',
  'Seen around the mask': 'Rand um die Maske',
  'With "Only the masked area": how many pixels around the mask the model sees.':
    'Mit „Nur der maskierte Bereich“: wie viele Pixel um die Maske das Modell sieht.',
  'Begin from': 'Beginnen mit',
  'What lies under the mask at first: the picture, the colours around the mask drawn in (to take something away), or gray.':
    'Was zuerst unter der Maske liegt: das Bild, die hineingezogenen Farben um die Maske (um etwas wegzunehmen) oder Grau.',
  Class: 'Klasse',
  'The number of what the picture shows, in the list that the model was trained on, from 0.':
    'Die Nummer dessen, was das Bild zeigt, in der Liste, mit der das Modell trainiert wurde, ab 0.',
  LoRAs: 'LoRAs',
  'Styles and things that the model learned since, each with its strength; 1: as it was trained.':
    'Stile und Dinge, die das Modell dazugelernt hat, jedes mit seiner Stärke; 1: wie trainiert.',
  Embeddings: 'Embeddings',
  "Words that the model learned since; they are used in the prompt by their file's name, or by their own.":
    'Wörter, die das Modell dazugelernt hat; im Prompt stehen sie mit dem Namen ihrer Datei oder mit ihrem eigenen.',
  VAE: 'VAE',
  "An autoencoder that is used instead of the model's own, by its name, folder or file; empty: the own one.":
    'Ein Autoencoder an Stelle des modelleigenen, mit Namen, Ordner oder Datei; leer: der eigene.',
  'Text encoders': 'Text-Encoder',
  'For models whose file holds none, as many of Flux: by name or file; empty: those of the library, where exactly one fits.':
    'Für Modelle, deren Datei keine enthält, wie viele von Flux: mit Namen oder Datei; leer: die der Bibliothek, wo genau einer passt.',
  Controls: 'Steuerung',
  'Pictures that say where things are (edges, poses, depth), each with the ControlNet that reads it; or what they look like, with an IP-Adapter.':
    'Bilder, die sagen, wo etwas ist (Kanten, Posen, Tiefe), jedes mit dem ControlNet, das es liest; oder wie etwas aussieht, mit einem IP-Adapter.',
  'Controls alone guide': 'Nur die Steuerung führt',
  'The controls say what is drawn, more than the prompt does; for prompts that are empty or short.':
    'Die Steuerung sagt mehr als der Prompt, was gezeichnet wird; für leere oder kurze Prompts.',
  Regions: 'Bereiche',
  'Parts of the picture with a prompt of their own; each takes the time of one more picture.':
    'Teile des Bildes mit eigenem Prompt; jeder kostet die Zeit eines weiteren Bildes.',
  Name: 'Name',
  'What the new model is called; its file in the models folder of the library too.':
    'Wie das neue Modell heißt; seine Datei im Modellordner der Bibliothek ebenso.',
  Method: 'Verfahren',
  'Weighted sum goes from the first model to the second; add difference puts on the first what the second learned beyond the third.':
    'Die gewichtete Summe geht vom ersten Modell zum zweiten; die Differenz gibt dem ersten dazu, was das zweite über das dritte hinaus gelernt hat.',
  Weight: 'Gewicht',
  'How much of the second model; 0: none. In a weighted sum 1 is all of it, and the most there is.':
    'Wie viel vom zweiten Modell; 0: nichts. In einer gewichteten Summe ist 1 alles und das Meiste, was geht.',

  // ---- Samplers --------------------------------------------------------------------------------------------------------
  'Unconditional pictures from NCSN score models: ten levels of a hundred steps.':
    'Bilder ohne Vorgabe aus NCSN-Modellen: zehn Stufen zu hundert Schritten.',
  'Finds the noise that draws a given picture, so that it can be edited.':
    'Findet das Rauschen, das ein gegebenes Bild zeichnet, damit es bearbeitet werden kann.',
  'Steady and exactly repeatable; good for editing a picture step by step.':
    'Ruhig und genau wiederholbar; gut, um ein Bild Schritt für Schritt zu bearbeiten.',
  'The original: fresh noise at every step, and at its best with very many of them.':
    'Das Original: frisches Rauschen in jedem Schritt, am besten mit sehr vielen.',
  'Good pictures in as few as 10 to 15 steps.': 'Gute Bilder schon in 10 bis 15 Schritten.',
  'Finds the noise that draws a given picture, in fewer steps than DDIM inverse.':
    'Findet das Rauschen, das ein gegebenes Bild zeichnet, in weniger Schritten als DDIM inverse.',
  'Sharp pictures in few steps: 15 to 25, with Karras noise levels.':
    'Scharfe Bilder in wenigen Schritten: 15 bis 25, mit Rauschstufen nach Karras.',
  'Steady where DPM++ 2M overshoots, as with strong guidance.':
    'Ruhig, wo DPM++ 2M überzieht, etwa bei starker Guidance.',
  'Sharp pictures from EDM models in few steps.': 'Scharfe Bilder aus EDM-Modellen in wenigen Schritten.',
  'The simple method for EDM models.': 'Das einfache Verfahren für EDM-Modelle.',
  'Lively and varied: fresh noise at every step, so more steps draw another picture.':
    'Lebhaft und abwechslungsreich: frisches Rauschen in jedem Schritt, mehr Schritte zeichnen also ein anderes Bild.',
  'Simple and quick; clean pictures in 20 to 30 steps.': 'Einfach und schnell; saubere Bilder in 20 bis 30 Schritten.',
  'The method for flow-matching models.': 'Das Verfahren für Flow-Matching-Modelle.',
  'Precise with few steps of flow-matching models, at two calls of the network for each.':
    'Genau mit wenigen Schritten bei Flow-Matching-Modellen, bei zwei Aufrufen des Netzes für jeden.',
  'Precise with few steps, at two calls of the network for each.':
    'Genau mit wenigen Schritten, bei zwei Aufrufen des Netzes für jeden.',
  'Sound and pictures of DanceDiffusion and its kin.': 'Klang und Bilder von DanceDiffusion und Verwandten.',
  'As varied as Euler a and finer, at two calls of the network for each step.':
    'So abwechslungsreich wie Euler a und feiner, bei zwei Aufrufen des Netzes für jeden Schritt.',
  'Unconditional pictures from variance-exploding score models.':
    'Bilder ohne Vorgabe aus Modellen mit wachsender Varianz.',
  'Two to eight steps with models and LoRAs that were distilled for it; others come out blurred.':
    'Zwei bis acht Schritte mit Modellen und LoRAs, die dafür destilliert wurden; andere werden unscharf.',
  'Smooth pictures at one call a step; wants 30 steps or more.':
    'Weiche Bilder bei einem Aufruf je Schritt; braucht 30 Schritte oder mehr.',
  'What Stable Diffusion 1 was published with; fine from 25 steps on.':
    'Damit wurde Stable Diffusion 1 veröffentlicht; gut ab 25 Schritten.',
  'Unconditional pictures from NCSN++ score models, in a thousand steps or more.':
    'Bilder ohne Vorgabe aus NCSN++-Modellen, in tausend Schritten oder mehr.',
  'Unconditional pictures from variance-preserving score models, in a thousand steps or more.':
    'Bilder ohne Vorgabe aus Modellen mit gleichbleibender Varianz, in tausend Schritten oder mehr.',
  'Four to twenty steps with models and LoRAs that were distilled for it; more detail than LCM.':
    'Vier bis zwanzig Schritte mit Modellen und LoRAs, die dafür destilliert wurden; mehr Einzelheiten als LCM.',
  'The fewest steps for a finished picture: 8 to 15.': 'Die wenigsten Schritte für ein fertiges Bild: 8 bis 15.',
}
