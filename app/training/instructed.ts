import { type UNetConfig, type UNetSizes, unet2DCondition } from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Network } from '../runtime/network.ts'
import { joinChannels } from '../tensor/batches.ts'
import { fromImages } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { Component } from '../weights/model-source.ts'
import type { PairedSet } from './control-pictures.ts'
import type { KeptTensors } from './kept-tensors.ts'
import { EncodedSet } from './latents.ts'
import type { Question } from './noising.ts'
import { weightsWithout } from './widened-network.ts'

/* InstructPix2Pix (Brooks et al. 2023, "InstructPix2Pix: Learning to Follow Image Editing Instructions", arXiv:2211.09800): what its network has beside that
 * of its text-to-image model, and what it is asked. The numbers are those of the reference's train_instruct_pix2pix.py. */

/** What a network that follows instructions learns beside a text-to-image model. */
export interface InstructedTraining {
  readonly network: Network<UNetConfig, UNetSizes>
  /** The latents of the picture before it was edited, the middle of what the autoencoder finds, not scaled. [1, channels, height, width] */
  readonly before: (index: number, isMirrored: boolean) => Promise<Tensor>
}

/** The parameter that has another shape than in the text-to-image model: it sees as many channels again. */
export const isNewInInstructed = (key: string): boolean => key === 'conv_in.weight'

/** A UNet of a text-to-image model that sees a picture beside the noise. Its other weights are the ranges of the model's own file. One that follows
 *  instructions already stays as it is. @throws Problem TRAINING_INSTRUCT where the model sees something else beside latents */
export function instructedComponent(unet: Component): { readonly component: Component; readonly isNew: boolean } {
  const { in_channels: seen, out_channels: latents } = unet2DCondition.config.parse(unet.config)
  if (seen === 2 * latents) return { component: unet, isNew: false }
  if (seen !== latents) {
    throw new Problem('TRAINING_INSTRUCT', 'Instructions can be taught to models that draw from words alone.', {
      hint: 'Choose a model of Stable Diffusion 1, 2 or XL that was not made for in-painting or depth.',
      details: { field: 'model' },
    })
  }
  const { name, className, configPath } = unet
  const component = {
    ...{ name, className, configPath, folder: `${unet.folder} for instructions` },
    ...{ config: { ...unet.config, in_channels: 2 * latents }, weights: weightsWithout(unet, isNewInInstructed) },
  }
  return { component, isNew: true }
}

/** What is left out of a question, for guidance by words and by the picture (section 3.2.1: the words, the picture and both, each as often).
 *  @param chance drawn evenly from 0 to 1  @param share how often each is left out; 0.05 in the paper */
export const leftOutBy = (chance: number, share: number): { readonly words: boolean; readonly picture: boolean } => ({
  words: chance < 2 * share,
  picture: chance >= share && chance < 3 * share,
})

/** A question about a picture that was edited, with the picture before beside it. @param before its latents; undefined: it is left out, which is zeros */
export const instructedQuestion = (question: Question, before: Tensor | undefined): Question => ({
  ...question,
  sample: joinChannels([question.sample, before ?? tensor(question.sample.shape)]),
})

/** The latents of the pictures before. @param kept what earlier trainings made of them */
export function latentsBefore(
  { set, pictureOf, identity }: PairedSet,
  checkpoint: Checkpoint,
  kept: KeptTensors | undefined,
): InstructedTraining['before'] {
  const read = async (index: number): Promise<Tensor> => {
    const { shape, data } = fromImages([await pictureOf(index)])
    return tensor(shape.slice(1), data)
  }
  const examples = set.examples.map((example, k) => ({ ...example, contentHash: `before ${identity[k]}` }))
  const encoded = new EncodedSet({ examples, read }, pixels => checkpoint.encode(pixels), kept)
  return async (index, isMirrored) => (await encoded.of(index, isMirrored)).mean
}
