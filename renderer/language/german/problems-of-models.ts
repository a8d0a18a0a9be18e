import type { Texts } from '../texts.ts'

/** What is said when a model's file cannot be used. */
export const problemsOfModels: Texts = {
  '{file} holds nothing that {path} lacks, or was made for another kind of model.':
    '{file} enthält nichts, was in {path} fehlt, oder wurde für eine andere Art von Modell gemacht.',
  'Leave it out, or choose another file.': 'Weglassen oder eine andere Datei wählen.',
  '{path} holds no {words}, and no file in the library fits.':
    'In {path} fehlt: {words}; und keine Datei der Bibliothek passt.',
  'Add such a file in Models, from the folder models/{it} of ComfyUI, say.':
    'Eine solche Datei unter Modelle hinzufügen, etwa aus dem Ordner models/{it} von ComfyUI.',
  '{path} holds no {words}, and several files fit: {it}.':
    'In {path} fehlt: {words}; und mehrere Dateien passen: {it}.',
  'Choose one of them in the settings.': 'Eine davon in den Einstellungen wählen.',
  '{path} does not exist.': '{path} gibt es nicht.',
  '{it} names a component "{name}", which is no folder\'s name.':
    '{it} nennt einen Bestandteil „{name}“, und so heißt kein Ordner.',
  '{it} names no {name}, which is needed.': '{it} nennt kein {name}, das gebraucht wird.',
  'Choose a complete Stable Diffusion model.': 'Ein vollständiges Stable-Diffusion-Modell wählen.',
  'The folder {folder} is missing, but {indexName} names it.': 'Der Ordner {folder} fehlt, aber {indexName} nennt ihn.',
  '{folder} has its weights only as {pickle}, a pickle of an old kind or under an odd name; it is not opened.':
    '{folder} enthält seine Gewichte nur als {pickle}, ein Pickle alter Art oder unter ungewohntem Namen; es wird nicht geöffnet.',
  'Download the .safetensors version of this model.': 'Die .safetensors-Fassung dieses Modells laden.',
  '{folder} holds no weights (model.safetensors or diffusion_pytorch_model.safetensors).':
    '{folder} enthält keine Gewichte (model.safetensors oder diffusion_pytorch_model.safetensors).',
  '{path} is no embedding (textual inversion): {reason}.': '{path} ist kein Embedding (Textual Inversion): {reason}.',
  'Choose an embedding for Stable Diffusion.': 'Ein Embedding für Stable Diffusion wählen.',
  '{label} belongs to another base model: it has {found}, this model needs {wanted}.':
    '{label} gehört zu einem anderen Grundmodell: es hat {found}, dieses Modell braucht {wanted}.',
  'Choose an embedding that was made for this kind of model (Stable Diffusion 1.5, 2.1, XL ...).':
    'Ein Embedding wählen, das für diese Art von Modell gemacht wurde (Stable Diffusion 1.5, 2.1, XL ...).',
  '{folder} and the folders around it hold over {mostEntries} files.':
    '{folder} und die Ordner darum herum enthalten über {mostEntries} Dateien.',
  'Name the folder of the models itself.': 'Den Ordner der Modelle selbst angeben.',
  '{path} holds {method} ("{key}"), which is not computed here.':
    '{path} enthält {method} („{key}“), was hier nicht berechnet wird.',
  'Use an adapter of another kind: LoRA, LoCon, LoHa, LoKr and DoRA are read.':
    'Einen Adapter anderer Art nehmen: gelesen werden LoRA, LoCon, LoHa, LoKr und DoRA.',
  '{path} is no LoRA: {found}.': '{path} ist kein LoRA: {found}.',
  'Choose a LoRA for Stable Diffusion in .safetensors.': 'Ein LoRA für Stable Diffusion als .safetensors wählen.',
  '{label} changes "{name}", several layers of this model, by a core tensor.':
    '{label} ändert „{name}“, mehrere Schichten dieses Modells, durch einen Kerntensor.',
  'Convert it to the layout of diffusers ("transformer.transformer_blocks...."), or choose another LoRA.':
    'In die Anordnung von diffusers umwandeln („transformer.transformer_blocks....“) oder ein anderes LoRA wählen.',
  '{label} belongs to another base model: {reason}.': '{label} gehört zu einem anderen Grundmodell: {reason}.',
  'Choose a LoRA that was made for this kind of model (Stable Diffusion 1.5, 2.1, XL ...).':
    'Ein LoRA wählen, das für diese Art von Modell gemacht wurde (Stable Diffusion 1.5, 2.1, XL ...).',
  '{label} has "{found}", but its "{name}" is missing.': '{label} hat „{found}“, aber sein „{name}“ fehlt.',
  '{label} holds DoRA lengths [{shape}] for the inputs of "{name}", which are not computed here.':
    '{label} enthält DoRA-Längen [{shape}] für die Eingänge von „{name}“, die hier nicht berechnet werden.',
  'Use an adapter whose DoRA lengths stand for the outputs ("wd_on_output"), or a plain LoRA.':
    'Einen Adapter nehmen, dessen DoRA-Längen für die Ausgänge stehen („wd_on_output“), oder ein einfaches LoRA.',
  '{label} gives "{name}" an alpha or a rank that is no number above 0.':
    '{label} gibt „{name}“ ein Alpha oder einen Rang, der keine Zahl über 0 ist.',
  '{path} has "lora_adapter_metadata" that is not sound JSON.':
    '{path} hat „lora_adapter_metadata“, die kein gültiges JSON sind.',
  '{it} share no weights.': '{it} haben keine Gewichte gemeinsam.',
  '{path} stores its weights in 8 bits, which are too coarse to merge into.':
    '{path} speichert seine Gewichte in 8 Bit; das ist zu grob, um etwas einzurechnen.',
  'Take the same model in fp16, bf16 or fp32.': 'Dasselbe Modell in fp16, bf16 oder fp32 nehmen.',
  '"{key}" is [{shape}] in {path}, but [{shape2}] in {path2}.':
    '„{key}“ ist [{shape}] in {path}, aber [{shape2}] in {path2}.',
  'The {name} of {model} is of class {className}, which is not known here.':
    'Der Teil {name} von {model} ist von der Klasse {className}, die hier nicht bekannt ist.',
  'Choose a model whose {name} is of class {it}.': 'Ein Modell wählen, dessen Teil {name} von der Klasse {it} ist.',
  '{path} is not an ONNX network, or not all of one.': '{path} ist kein ONNX-Netz oder kein vollständiges.',
  'Download or export it again, and wait until it is complete.':
    'Noch einmal laden oder exportieren und warten, bis es vollständig ist.',
  '{path} is of class {it}, which is not known here.': '{path} ist von der Klasse {it}, die hier nicht bekannt ist.',
  'Choose one of class {it}.': 'Eines der Klasse {it} wählen.',
  '{path} is not a sound safetensors file: it {found}.':
    '{path} ist keine einwandfreie safetensors-Datei: sie {found}.',
  '{path} is only a Git LFS pointer, not the weights themselves.':
    '{path} ist nur ein Git-LFS-Verweis, nicht die Gewichte selbst.',
  'Fetch the file with "git lfs pull", or download it from the model\'s page.':
    'Die Datei mit „git lfs pull“ holen oder von der Seite des Modells laden.',
  '{path} is a PyTorch pickle of an old kind or a zip archive, which could run code; it is not opened.':
    '{path} ist ein PyTorch-Pickle alter Art oder ein Zip-Archiv, das Code ausführen könnte; es wird nicht geöffnet.',
  '{path} is a web page, not a model.': '{path} ist eine Webseite, kein Modell.',
  "The download was refused or redirected: sign in on the model's page and download it there.":
    'Der Download wurde abgelehnt oder umgeleitet: auf der Seite des Modells anmelden und es dort laden.',
  '{path} is a GGUF file, which is not read.': '{path} ist eine GGUF-Datei; solche werden nicht gelesen.',
  '"{name}" in {path} holds {value}, which is beyond 2^53.':
    '„{name}“ in {path} enthält {value}; das liegt jenseits von 2^53.',
  '"{name}" in {path} is stored as {dtype}, which cannot be read as {wanted}.':
    '„{name}“ in {path} ist als {dtype} gespeichert, was sich nicht als {wanted} lesen lässt.',
  'Look for the same model in fp16, bf16 or fp32.': 'Nach demselben Modell in fp16, bf16 oder fp32 suchen.',
  '{path} has no tensor "{name}".': '{path} hat keinen Tensor „{name}“.',
  '{path} is not a file.': '{path} ist keine Datei.',
  'Name a file.': 'Eine Datei angeben.',
  '{path} became shorter while it was read.': '{path} wurde kürzer, während es gelesen wurde.',
  '"{name}" cannot be written to {path}: {byteLength} bytes for {dtype} [{shape}].':
    '„{name}“ kann nicht nach {path} geschrieben werden: {byteLength} Byte für {dtype} [{shape}].',
  '{path} takes "{name}" as {type}, which cannot be given here.':
    '{path} nimmt „{name}“ als {type}, was hier nicht gegeben werden kann.',
  'Bring the file of the same network in single precision, or the quantized one.':
    'Die Datei desselben Netzes in einfacher Genauigkeit nehmen, oder die quantisierte.',
  '{path} finds no objects in pictures: it takes {it} and gives {it2}.':
    '{path} findet keine Gegenstände in Bildern: es nimmt {it} und gibt {it2}.',
  'The weights in {precision} need {it} in {folder}, but {it2} are free.':
    'Die Gewichte in {precision} brauchen {it} in {folder}, aber {it2} sind frei.',
  'Free some space, or choose the precision "as stored", which needs none.':
    'Etwas Platz schaffen oder die Genauigkeit „Wie gespeichert“ wählen, die keinen braucht.',
  '{path} does not enlarge pictures in a way that is known here: it has no "{name}".':
    '{path} vergrößert Bilder nicht auf eine Weise, die hier bekannt ist: „{name}“ fehlt.',
  'ESRGAN and Real-ESRGAN (RRDBNet) are known; choose such a file.':
    'ESRGAN und Real-ESRGAN (RRDBNet) sind bekannt; eine solche Datei wählen.',
  '{path} takes {taken} channels; pictures have 3.': '{path} nimmt {taken} Kanäle; Bilder haben 3.',
  'It enlarges something else than pictures in colour: choose another file.':
    'Es vergrößert etwas anderes als Farbbilder: eine andere Datei wählen.',
  '"{name}" in {label} is [{shape}], but this model expects [{shape2}].':
    '„{name}“ in {label} ist [{shape}], aber dieses Modell erwartet [{shape2}].',
  'It looks transposed: was it saved by another program?':
    'Es sieht vertauscht (transponiert) aus: hat ein anderes Programm es gesichert?',
  'The {name} of {path} has no weights.': 'Der Teil {name} von {path} hat keine Gewichte.',
  '{path} holds no {name} in a layout that is known.': '{path} enthält kein {name} in einer bekannten Anordnung.',
  '{path} holds no checkpoint: no denoising network in a layout that is known.':
    '{path} enthält keinen Checkpoint: kein Entrauschungsnetz in einer bekannten Anordnung.',
  'Choose a Stable Diffusion checkpoint, or the folder of a model.':
    'Einen Stable-Diffusion-Checkpoint oder den Ordner eines Modells wählen.',
  '{path} holds no {words}, which is needed.': 'In {path} fehlt, was gebraucht wird: {words}.',
  'The folder {name}, which comes with the app, is missing.': 'Der Ordner {name}, der zur App gehört, fehlt.',
  'Install the app again.': 'Die App noch einmal installieren.',
  '{path} is a zip archive, but no model that PyTorch saved.':
    '{path} ist ein Zip-Archiv, aber kein Modell, das PyTorch gesichert hat.',
  'Unpack it, and choose the model in it.': 'Entpacken und das Modell darin wählen.',
  '{path} was saved on a computer with another order of bytes ({order}).':
    '{path} wurde auf einem Computer mit anderer Byte-Reihenfolge gesichert ({order}).',
  '{shown} in {path} is a part of another tensor that does not lie in one piece.':
    '{shown} in {path} ist ein Teil eines anderen Tensors, der nicht in einem Stück liegt.',
  '{path} holds {it}, which is no part of weights and could run code; it is not opened.':
    '{path} enthält {it}, was nicht zu Gewichten gehört und Code ausführen könnte; es wird nicht geöffnet.',
  '{path} is not a sound PyTorch file: its table of contents {found}.':
    '{path} ist keine einwandfreie PyTorch-Datei: ihr Inhaltsverzeichnis {found}.',
  '{path} is not a sound PyTorch file: {found}.': '{path} ist keine einwandfreie PyTorch-Datei: {found}.',
  '{path} holds {it} compressed; its weights cannot be used where they lie.':
    '{path} enthält {it} komprimiert; die Gewichte können nicht benutzt werden, wo sie liegen.',
  'Choose a model of Stable Diffusion 1, 2 or XL.': 'Ein Modell von Stable Diffusion 1, 2 oder XL wählen.',
  '{path} is no CLIP model that looks at pictures.': '{path} ist kein CLIP-Modell, das Bilder ansieht.',
  'Choose the folder "image_encoder" that came with the IP-Adapter, or its file model.safetensors.':
    'Den Ordner „image_encoder“ wählen, der zum IP-Adapter gehört, oder seine Datei model.safetensors.',
  '{path} is not whole: the values of its layer {place} are missing.':
    '{path} ist nicht vollständig: die Werte der Schicht {place} fehlen.',
  'Download it again.': 'Noch einmal herunterladen.',
  '{path} is an IP-Adapter for faces, which needs a network that recognises faces.':
    '{path} ist ein IP-Adapter für Gesichter, der ein Netz braucht, das Gesichter erkennt.',
  'Choose an IP-Adapter of the plain, the Plus or the Full form, e.g. ip-adapter-plus-face.':
    'Einen IP-Adapter der einfachen, der Plus- oder der Full-Form wählen, z. B. ip-adapter-plus-face.',
  '{path} makes tokens of pictures in a way that is not known here.':
    '{path} macht aus Bildern auf eine Weise Token, die hier nicht bekannt ist.',
  'Choose an IP-Adapter of the plain, the Plus or the Full form.':
    'Einen IP-Adapter der einfachen, der Plus- oder der Full-Form wählen.',
  '{model} cannot be drawn with under an IP-Adapter, which {it} is.':
    'Mit {model} kann nicht unter einem IP-Adapter gezeichnet werden; {it} ist einer.',
  'The IP-Adapter {path} reads pictures at a width of {wanted}; {encoder} gives {given}.':
    'Der IP-Adapter {path} liest Bilder in einer Breite von {wanted}; {encoder} gibt {given}.',
  'Choose the image encoder that came with this IP-Adapter.':
    'Den Bild-Encoder wählen, der zu diesem IP-Adapter gehört.',
  'The IP-Adapter {path} was made for another kind of model: it {reason}.':
    'Der IP-Adapter {path} wurde für eine andere Art von Modell gemacht: er {reason}.',
  'Choose an IP-Adapter that was made for models like this one.':
    'Einen IP-Adapter wählen, der für Modelle wie dieses gemacht wurde.',
  'The IP-Adapter {path} needs a CLIP model that looks at pictures.':
    'Der IP-Adapter {path} braucht ein CLIP-Modell, das Bilder ansieht.',
  'Name the image encoder that came with it.': 'Den Bild-Encoder nennen, der dazugehört.',
  'The IP-Adapter {path} looks at pictures with a CLIP model that is not here.':
    'Der IP-Adapter {path} sieht Bilder mit einem CLIP-Modell an, das nicht da ist.',
  'Add the image encoder that it was published with (answers of width {wanted}) in Models, or put its folder "image_encoder" beside the file.':
    'Den Bild-Encoder, mit dem er veröffentlicht wurde (Antworten der Breite {wanted}), in Modelle hinzufügen, oder seinen Ordner „image_encoder“ neben die Datei legen.',
  'The T2I-Adapter {path} was made for another kind of model than {model}: it {reason}.':
    'Der T2I-Adapter {path} wurde für eine andere Art von Modell gemacht als {model}: er {reason}.',
  'Choose one that was made for models like {model}.': 'Einen wählen, der für Modelle wie {model} gemacht wurde.',
  '{path} holds no classifier of noisy pictures.': '{path} enthält keinen Klassifikator verrauschter Bilder.',
  'Train one from folders of classes: npm run train -- classifier.':
    'Einen aus Ordnern von Klassen trainieren: npm run train -- classifier.',
  'A classifier learns classes, and a picture of the set has none.':
    'Ein Klassifikator lernt Klassen, und ein Bild der Menge hat keine.',
  'Choose a folder with a folder of pictures for each class, or a data set with classes.':
    'Einen Ordner mit einem Ordner von Bildern je Klasse wählen oder eine Bildersammlung mit Klassen.',
  'The classifier {path} knows no class "{name}".': 'Der Klassifikator {path} kennt keine Klasse „{name}“.',
  'Nothing says what class the classifier {path} shall see.':
    'Nichts sagt, welche Klasse der Klassifikator {path} sehen soll.',
  'It knows {labels}.': 'Er kennt {labels}.',
  'The classifier {path} sees no pictures of {size} with {channels} channels.':
    'Der Klassifikator {path} sieht keine Bilder von {size} mit {channels} Kanälen.',
  'It sees {wanted} channels, and sides that are multiples of {multiple}: train one for this model.':
    'Er sieht {wanted} Kanäle und Seiten, die Vielfache von {multiple} sind: einen für dieses Modell trainieren.',
  'Where the pulls should act, the picture is black: nothing would be pulled.':
    'Wo die Züge wirken sollten, ist das Bild schwarz: Nichts würde gezogen.',
  'Paint white where they shall act, or leave that picture away.':
    'Weiß malen, wo sie wirken sollen, oder das Bild weglassen.',
  '{images} has fewer than two classes, so there is nothing to tell apart.':
    '{images} hat weniger als zwei Klassen, es gibt also nichts zu unterscheiden.',
  'The control picture {image} is black all over, which says nothing to a control.':
    'Das Steuerbild {image} ist überall schwarz und sagt einer Steuerung nichts.',
  'Draw something on it, place a figure, or leave the control away.':
    'Etwas darauf zeichnen, eine Figur setzen oder die Steuerung weglassen.',
  'This model has no attention to places in {asked}.': 'Dieses Modell hat keine Aufmerksamkeit auf Stellen in {asked}.',
  'It has some in {there}.': 'Es hat welche in {there}.',
  '{name} cannot be guided by its own attention.': '{name} lässt sich nicht durch seine eigene Aufmerksamkeit führen.',
  'Choose a model of Stable Diffusion 1, 2 or XL, or set that guidance to 0.':
    'Ein Modell von Stable Diffusion 1, 2 oder XL wählen oder diese Führung auf 0 stellen.',
  'This way of drawing changes attention itself: no guidance by it goes beside.':
    'Diese Art zu zeichnen ändert die Aufmerksamkeit selbst: Daneben geht keine Führung durch sie.',
  'Set perturbed attention and self-attention guidance to 0.':
    'Gestörte Aufmerksamkeit und Führung durch Aufmerksamkeit auf 0 stellen.',
  '{name} looks at words in another way than those that can be edited word by word.':
    '{name} sieht Wörter auf andere Weise an als die Modelle, die sich Wort für Wort bearbeiten lassen.',
  'Gradients cannot go through the network of {name}.': 'Durch das Netz von {name} können keine Gradienten gehen.',
  'Let the guidance go through the estimate.': 'Die Guidance durch die Schätzung gehen lassen.',
  'The ControlNet {path} does not fit {name}: it takes {wants}; the model has {stride}.':
    'Das ControlNet {path} passt nicht zu {name}: es nimmt {wants}; das Modell hat {stride}.',
  'The {name} of {path} takes {channels} channels, the autoencoder gives {channels2}.':
    'Der Teil {name} von {path} nimmt {channels} Kanäle, der Autoencoder gibt {channels2}.',
  'They do not belong together: choose another autoencoder, or another model.':
    'Sie gehören nicht zusammen: einen anderen Autoencoder oder ein anderes Modell wählen.',
  'Clip skip {skip} leaves nothing of the text encoder, which has {layers} layers.':
    'Clip skip {skip} lässt vom Text-Encoder nichts übrig; er hat {layers} Schichten.',
  'Use at most {it}.': 'Höchstens {it} nehmen.',
  'The ControlNet {path} was made for another kind of model than {model}: it {reason}.':
    'Das ControlNet {path} wurde für eine andere Art von Modell gemacht als {model}: es {reason}.',
  'Choose a ControlNet that was made for models like {model}.':
    'Ein ControlNet wählen, das für Modelle wie {model} gemacht wurde.',
  '{model} cannot be drawn with under a ControlNet, which {path} is.':
    'Mit {model} kann nicht unter einem ControlNet gezeichnet werden, und {path} ist eines.',
  'The transformer of {path} expects {what} of width {expected}, its text encoders give {found}.':
    'Der Transformer von {path} erwartet {what} der Breite {expected}, seine Text-Encoder geben {found}.',
  'These parts do not belong together: download the model again.':
    'Diese Teile gehören nicht zusammen: das Modell noch einmal laden.',
  '{path} belongs to another base model: it changes a {network}, which this one lacks.':
    '{path} gehört zu einem anderen Grundmodell: es ändert etwas ({network}), das diesem fehlt.',
  '"{left}" in {label} belongs to no layer that {configPath} describes.':
    '„{left}“ in {label} gehört zu keiner Schicht, die {configPath} beschreibt.',
  'The weights and the config.json beside them do not belong together: download the model again.':
    'Die Gewichte und die config.json daneben gehören nicht zusammen: das Modell noch einmal laden.',
  'Models in fp16 are computed on WebGPU alone, not on {provider}.':
    'Modelle in fp16 werden nur auf WebGPU berechnet, nicht auf {provider}.',
  'Models in {precision} are computed on the CPU alone, not on {provider}.':
    'Modelle in {precision} werden nur auf der CPU berechnet, nicht auf {provider}.',
  'Choose the provider "cpu", or the precision "as stored".':
    'Den Anbieter „cpu“ oder die Genauigkeit „Wie gespeichert“ wählen.',
  '{path} could not be opened: {it}': '{path} konnte nicht geöffnet werden: {it}',
  'Bring it with the files beside it that hold its weights, or export it again in another version of ONNX.':
    'Mit den Dateien daneben bringen, die seine Gewichte enthalten, oder in einer anderen ONNX-Version neu exportieren.',
  '{path} stopped while computing: {it}': '{path} brach beim Rechnen ab: {it}',
  'Bring another export of this network.': 'Einen anderen Export dieses Netzes bringen.',
  'The autoencoder {path} has latents of {it}, this model of {it2}.':
    'Der Autoencoder {path} hat Latents von {it}, dieses Modell von {it2}.',
  'Choose a VAE that was made for this kind of model.': 'Ein VAE wählen, das für diese Art von Modell gemacht wurde.',
  'This needs about {it} of memory ({parts}); {whose} {it2}.':
    'Das braucht etwa {it} Speicher ({parts}); {whose} {it2}.',
  'The model could not be opened on {provider}.': 'Das Modell konnte auf {provider} nicht geöffnet werden.',
  'The model stopped while computing.': 'Das Modell brach beim Rechnen ab.',
  'The model\'s input "{name}" takes [{shape}], but was given {found}.':
    'Der Eingang „{name}“ des Modells nimmt [{shape}], bekam aber {found}.',
  'The UNet of {path} wants {wanted}, which text to image does not give.':
    'Das UNet von {path} verlangt {wanted}, was es beim Zeichnen aus Text nicht gibt.',
  'It is made for another task: choose another model.':
    'Es ist für eine andere Aufgabe gemacht: ein anderes Modell wählen.',
  'The UNet of {path} does not fit its text encoder, whose text_embeds have a width of {pooledWidth}.':
    'Das UNet von {path} passt nicht zu seinem Text-Encoder, dessen text_embeds die Breite {pooledWidth} haben.',
  'The UNet of {path} expects text of width {width}, its text encoder gives {width2}.':
    'Das UNet von {path} erwartet Text der Breite {width}, sein Text-Encoder gibt {width2}.',
  '{file} cannot be followed: {it}: {message}.': '{file} kann nicht befolgt werden: {it}: {message}.',
  'Pictures of {width} x {height} and {width2} x {height2} pixels cannot be looked at together.':
    'Bilder von {width} x {height} und {width2} x {height2} Pixeln können nicht zusammen angesehen werden.',
  '"{name}" cannot stand for an embedding: it means something already.':
    '„{name}“ kann nicht für ein Embedding stehen: es bedeutet schon etwas.',
  'Rename the embedding.': 'Das Embedding umbenennen.',
  "The tokenizer's file {path} cannot be used: {reason}.":
    'Die Datei {path} des Tokenizers kann nicht benutzt werden: {reason}.',
  'Download or copy the whole model again.': 'Das ganze Modell noch einmal laden oder kopieren.',
  '{configPath} does not say how large its pictures are (sample_size).':
    '{configPath} sagt nicht, wie groß seine Bilder sind (sample_size).',
  'The UNet of {path} works on what its {inside} makes, not on pixels.':
    'Das UNet von {path} arbeitet auf dem, was sein {inside} liefert, nicht auf Pixeln.',
  'Choose a model that draws pixels, or one that draws from words.':
    'Ein Modell wählen, das Pixel zeichnet, oder eines, das aus Worten zeichnet.',
  'The UNet of {path} wants what its class_embed_type says, "{class_embed_type}", which nothing here gives.':
    'Das UNet von {path} verlangt, was sein class_embed_type nennt, „{class_embed_type}“, und das gibt hier nichts.',
  'Choose a model that is told classes by their numbers, or none.':
    'Ein Modell wählen, dem Klassen als Nummern genannt werden, oder gar keine.',
  'The UNet of {path} takes {channels} channels and gives {drawn}: that is no picture in grey or colour.':
    'Das UNet von {path} nimmt {channels} Kanäle und gibt {drawn}: das ist kein Bild in Grau oder Farbe.',
  'Choose another model, or check {configPath}.': 'Ein anderes Modell wählen oder {configPath} prüfen.',
  'The transformer of {path} takes {channels} channels and gives {given}, its autoencoder {latent_channels}.':
    'Der Transformer von {path} nimmt {channels} Kanäle und gibt {given}, sein Autoencoder {latent_channels}.',
  '{configPath} has an impossible sample_size, {size}.': '{configPath} hat eine unmögliche sample_size, {size}.',
  '{file} asks for {key} = {it}, which cannot be built: {message}.':
    '{file} verlangt {key} = {it}, was sich nicht bauen lässt: {message}.',
  'Choose another model, or check that the file belongs to these weights.':
    'Ein anderes Modell wählen oder prüfen, ob die Datei zu diesen Gewichten gehört.',
  '"{key}" in {path} is stored as {dtype}, which cannot be computed with.':
    '„{key}“ in {path} ist als {dtype} gespeichert, womit sich nicht rechnen lässt.',
  'Use a file in fp32, fp16, bf16 or fp8.': 'Eine Datei in fp32, fp16, bf16 oder fp8 nehmen.',
  '{folder} has neither tokenizer.json nor spiece.model, which T5 needs.':
    '{folder} hat weder tokenizer.json noch spiece.model; T5 braucht eines davon.',
  'This model has no layer "{path}" that a LoRA could be trained for.':
    'Dieses Modell hat keine Schicht „{path}“, für die ein LoRA trainiert werden könnte.',
  'The words "{words}" in the prompt have a weight of {it}.':
    'Die Worte „{words}“ im Prompt haben ein Gewicht von {it}.',
  'Weights of 0.5 to 1.5 are usual; at most {LARGEST_WEIGHT} is possible.':
    'Üblich sind Gewichte von 0.5 bis 1.5; möglich ist höchstens {LARGEST_WEIGHT}.',
  'The wildcards of the prompt give more than {LONGEST} characters.':
    'Die Wildcards des Prompts ergeben mehr als {LONGEST} Zeichen.',
  'Use fewer of them, or shorter lines.': 'Weniger davon oder kürzere Zeilen nehmen.',
  'The prompt asks for more than {MOST_CHOICES} choices.': 'Der Prompt verlangt mehr als {MOST_CHOICES} Auswahlen.',
  'A wildcard may name itself, in its own lines or in those of another: look through them.':
    'Eine Wildcard nennt vielleicht sich selbst, in ihren eigenen Zeilen oder in denen einer anderen: sie durchsehen.',
  'The prompt names the wildcard "__{name}__", but {path} holds no lines.':
    'Der Prompt nennt die Wildcard „__{name}__“, aber {path} enthält keine Zeilen.',
  'Write its words into that file, one choice a line, or write \\__{name}__ for the plain text.{known}':
    'Ihre Worte in diese Datei schreiben, eine Auswahl je Zeile, oder für den bloßen Text \\__{name}__ schreiben.{known}',
  '{path} is no picture that a model learned.': '{path} ist kein Bild, das ein Modell gelernt hat.',
  'Choose the file that such a training wrote.': 'Die Datei wählen, die ein solches Training geschrieben hat.',
  '{path} was learned in another way, by {it}.': '{path} wurde auf andere Weise gelernt, mit {it}.',
  'Choose one of {method}, or draw with {it}.': 'Eines von {method} wählen, oder mit {it} zeichnen.',
  '{path} was learned by another model: {name} has no "{it}" like its.':
    '{path} wurde von einem anderen Modell gelernt: {name} hat kein solches „{it}“.',
  'Choose the model that learned it.': 'Das Modell wählen, das es gelernt hat.',
}
