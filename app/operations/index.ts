import { drawAClass } from './draw-a-class.ts'
import { drawWithoutWords } from './draw-without-words.ts'
import { imageToImage } from './image-to-image.ts'
import { inpaint } from './inpaint.ts'
import { mergeLoras } from './merge-loras.ts'
import { mergeModels } from './merge-models.ts'
import type { Operation } from './operation.ts'
import { textToImage } from './text-to-image.ts'
import { trainClass } from './train-class.ts'
import { trainControlNet } from './train-controlnet.ts'
import { trainFineTune } from './train-fine-tune.ts'
import { trainLora } from './train-lora.ts'
import { trainTextualInversion } from './train-textual-inversion.ts'
import { trainUnconditional } from './train-unconditional.ts'

/** Everything that a person can do, by id. To add one: write its file, and a line here. */
export const operations: Readonly<Record<string, Operation>> = {
  [textToImage.id]: textToImage,
  [imageToImage.id]: imageToImage,
  [inpaint.id]: inpaint,
  [drawWithoutWords.id]: drawWithoutWords,
  [drawAClass.id]: drawAClass,
  [mergeModels.id]: mergeModels,
  [mergeLoras.id]: mergeLoras,
  [trainLora.id]: trainLora,
  [trainFineTune.id]: trainFineTune,
  [trainControlNet.id]: trainControlNet,
  [trainTextualInversion.id]: trainTextualInversion,
  [trainUnconditional.id]: trainUnconditional,
  [trainClass.id]: trainClass,
}
