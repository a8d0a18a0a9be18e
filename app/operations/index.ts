import { depthToImage } from './depth-to-image.ts'
import { detailer } from './detailer.ts'
import { diffEdit } from './diffedit.ts'
import { doubleSize } from './double-size.ts'
import { drawAClass } from './draw-a-class.ts'
import { drawLarge } from './draw-large.ts'
import { drawWithoutWords } from './draw-without-words.ts'
import { editPictureWords } from './edit-picture-words.ts'
import { editWords } from './edit-words.ts'
import { enlarge } from './enlarge.ts'
import { imageToImage } from './image-to-image.ts'
import { imagic } from './imagic.ts'
import { inpaint } from './inpaint.ts'
import { instruct } from './instruct.ts'
import { invertAndDraw } from './invert-and-draw.ts'
import { keepStructure } from './keep-structure.ts'
import { magicMix } from './magic-mix.ts'
import { maskFromWords } from './mask-from-words.ts'
import { mergeLoras } from './merge-loras.ts'
import { mergeModels } from './merge-models.ts'
import type { Operation } from './operation.ts'
import { paintByExample } from './paint-by-example.ts'
import { paintWithWords } from './paint-with-words.ts'
import { refineLarge } from './refine-large.ts'
import { repaintPicture } from './repaint.ts'
import { smartBrush } from './smart-brush.ts'
import { textToImage } from './text-to-image.ts'
import { trainClass } from './train-class.ts'
import { trainClassifier } from './train-classifier.ts'
import { trainControlNet } from './train-controlnet.ts'
import { trainFineTune } from './train-fine-tune.ts'
import { trainImagic } from './train-imagic.ts'
import { trainInstruct } from './train-instruct.ts'
import { trainLora } from './train-lora.ts'
import { trainSmartBrush } from './train-smart-brush.ts'
import { trainTextualInversion } from './train-textual-inversion.ts'
import { trainUnconditional } from './train-unconditional.ts'
import { trainUniTune } from './train-unitune.ts'
import { uniTune } from './unitune.ts'
import { upscaleWithWords } from './upscale-with-words.ts'
import { whereWordsLook } from './where-words-look.ts'

/** Everything that a person can do, by id. To add one: write its file, and a line here. */
export const operations: Readonly<Record<string, Operation>> = {
  [textToImage.id]: textToImage,
  [imageToImage.id]: imageToImage,
  [inpaint.id]: inpaint,
  [smartBrush.id]: smartBrush,
  [detailer.id]: detailer,
  [editWords.id]: editWords,
  [editPictureWords.id]: editPictureWords,
  [diffEdit.id]: diffEdit,
  [keepStructure.id]: keepStructure,
  [invertAndDraw.id]: invertAndDraw,
  [magicMix.id]: magicMix,
  [imagic.id]: imagic,
  [uniTune.id]: uniTune,
  [paintWithWords.id]: paintWithWords,
  [paintByExample.id]: paintByExample,
  [instruct.id]: instruct,
  [depthToImage.id]: depthToImage,
  [upscaleWithWords.id]: upscaleWithWords,
  [refineLarge.id]: refineLarge,
  [drawLarge.id]: drawLarge,
  [doubleSize.id]: doubleSize,
  [enlarge.id]: enlarge,
  [maskFromWords.id]: maskFromWords,
  [whereWordsLook.id]: whereWordsLook,
  [drawWithoutWords.id]: drawWithoutWords,
  [repaintPicture.id]: repaintPicture,
  [drawAClass.id]: drawAClass,
  [mergeModels.id]: mergeModels,
  [mergeLoras.id]: mergeLoras,
  [trainLora.id]: trainLora,
  [trainFineTune.id]: trainFineTune,
  [trainControlNet.id]: trainControlNet,
  [trainSmartBrush.id]: trainSmartBrush,
  [trainTextualInversion.id]: trainTextualInversion,
  [trainInstruct.id]: trainInstruct,
  [trainImagic.id]: trainImagic,
  [trainUniTune.id]: trainUniTune,
  [trainUnconditional.id]: trainUnconditional,
  [trainClass.id]: trainClass,
  [trainClassifier.id]: trainClassifier,
}
