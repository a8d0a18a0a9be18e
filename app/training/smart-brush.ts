import { blended } from '../diffusion/masked.ts'
import { constant, type Value } from '../graph/graph.ts'
import { add, divide, mean, multiply, reduceSum, reshape, subtract } from '../graph/ops/index.ts'
import { type UNetConfig, type UNetSizes, unet2DCondition } from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import type { Network } from '../runtime/network.ts'
import type { Feeds } from '../runtime/session.ts'
import type { Training } from '../runtime/trainable.ts'
import { joinBatches, joinChannels } from '../tensor/batches.ts'
import { coarseMask } from '../tensor/coarse-mask.ts'
import type { TorchGenerator } from '../tensor/random.ts'
import { type Shape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts'
import type { AddedTensor } from '../weights/changed-copy.ts'
import type { JsonObject } from '../weights/json-file.ts'
import { type Component, isFile, type ModelSource } from '../weights/model-source.ts'
import { nameOfShapeLevels } from '../weights/single-file/single-file.ts'
import type { Question } from './noising.ts'
import type { Numbers } from './numbers.ts'
import { weightsWithout, widenedChanges } from './widened-network.ts'

/* SmartBrush (Xie et al. 2023, "SmartBrush: Text and Shape Guided Object Inpainting with Diffusion Model", arXiv:2212.05034): what its network has beside
 * that of its text-to-image model, what it is asked, and its loss. */

/** How precise masks can be: S + 1 of the paper, which does not say how many. */
export const SHAPE_LEVELS = 5

/** What a SmartBrush learns beside a text-to-image model. */
export interface ShapedTraining {
  readonly network: Network<UNetConfig, UNetSizes>
  /** The object's own mask m: [1, 1, height, width] of 0 and 1, in latents. */
  readonly objectOf: (index: number, isMirrored: boolean) => Promise<Tensor>
  /** What the whole picture shows, where that is known. */
  readonly wholeCaptionOf: (index: number) => string | undefined
  /** How often the whole picture is drawn from its words, as the model did before ("multi-task training": a fifth in the paper). */
  readonly wholeShare: number
  /** lambda of the loss; 0.01 in the paper. */
  readonly maskWeight: number
}

/** Parameters that a SmartBrush has and its text-to-image model has not, or in another shape. */
export const isNewInSmartBrush = (key: string): boolean =>
  key === 'conv_in.weight' || key.startsWith('conv_out.') || key === 'class_embedding.weight'

/** A UNet of a text-to-image model with one more channel in (the mask m_s) and out (the object's mask), and an embedding of the mask's precision s beside
 *  that of the timestep. Its other weights are the ranges of the model's own file; `isNewInSmartBrush` names those that are not. A SmartBrush stays as it is.
 *  @throws Problem TRAINING_SHAPES where the model sees something else beside latents */
export function smartBrushComponent(unet: Component): { readonly component: Component; readonly isNew: boolean } {
  const config = unet2DCondition.config.parse(unet.config)
  if (config.predicts_object_mask) return { component: unet, isNew: false }
  if (
    config.in_channels !== config.out_channels ||
    config.num_class_embeds != null ||
    config.class_embed_type != null
  ) {
    throw new Problem('TRAINING_SHAPES', `The smart brush can be taught to plain models that draw from words alone.`, {
      hint: 'Choose a model of Stable Diffusion 1, 2 or XL.',
      details: { field: 'model' },
    })
  }
  const { name, className, configPath } = unet
  const component = {
    ...{ name, className, configPath, folder: `${unet.folder} as a SmartBrush` },
    ...{ config: smartBrushConfig(unet.config, config), weights: weightsWithout(unet, isNewInSmartBrush) },
  }
  return { component, isNew: true }
}

const smartBrushConfig = (own: JsonObject, { in_channels, out_channels }: UNetConfig): JsonObject => ({
  ...own,
  in_channels: in_channels + 1,
  out_channels: out_channels + 1,
  num_class_embeds: SHAPE_LEVELS,
  predicts_object_mask: true,
})

/** What was trained, at its place in the model's files; and what they have not. */
export function smartBrushChanges(source: ModelSource, numbers: Numbers, shapes: ReadonlyMap<string, Shape>) {
  const { weights } = source.component('unet')
  const first = weights.require('conv_in.bias', shapes.get('conv_in.bias') ?? [])
  const added = [...numbers].flatMap(([key, values]): AddedTensor[] =>
    weights.find(key) === undefined
      ? [{ beside: first, name: nameIn(source, key), shape: shapes.get(key) ?? [], values: () => values }]
      : [],
  )
  return { changed: widenedChanges(weights, numbers, shapes, isNewInSmartBrush), added }
}

/** What a parameter that is new is called in the model's file: of single files, in the layout of the others. */
const nameIn = (source: ModelSource, key: string): string =>
  isFile(source.path) ? nameOfShapeLevels(source.path) : key

/** What the network is asked of one example. */
export interface ShapedQuestion {
  readonly question: Question
  /** m_s that it is shown. [1, 1, height, width] */
  readonly mask: Tensor
  /** s */
  readonly level: number
  /** m; none where the whole picture is asked for, which is no object. */
  readonly object: Tensor | undefined
}

/** Draws what is asked of an example: an object of some precision, or now and then the whole picture, which is a mask of everything.
 *  @param object m */
export function drawShape(
  random: TorchGenerator,
  object: Tensor,
  { network, wholeShare }: Pick<ShapedTraining, 'network' | 'wholeShare'>,
): Omit<ShapedQuestion, 'question'> {
  const levels = network.config.num_class_embeds ?? 1
  const isWhole = random.uniform([1]).data[0] < wholeShare
  const level = random.integers([1], 0, levels)[0]
  if (isWhole)
    return {
      mask: tensor(
        object.shape,
        object.data.map(() => 1),
      ),
      level: levels - 1,
      object: undefined,
    }
  return { mask: coarseMask(object, level, levels - 1), level, object }
}

/** A question about what a mask marks: noise is in there alone, x~_t = x_t m_s + x_0 (1 - m_s), and m_s is one more channel. The paper takes the error
 *  of the noise over the whole picture; here it is that inside the mask alone (a mean over its places), since outside there is no noise to be found.
 *  @param clean x_0 */
export const shapedQuestion = (question: Question, clean: Tensor, mask: Tensor): Question => ({
  ...question,
  sample: joinChannels([blended(clean, question.sample, mask), mask]),
})

/** The loss of a SmartBrush: L_DM + lambda L_prediction, the error of the noise inside the mask and the DICE loss of the object's mask. Declares the
 *  inputs target, weight [batch, 1, height, width], object [batch, 1, height, width] and object_weight [batch]. */
export function shapedLoss(
  training: Training,
  { out_sample: prediction, object_mask: found }: Readonly<Record<string, Value>>,
  maskWeight: number,
): { readonly loss: Value; readonly outputs: Readonly<Record<string, Value>> } {
  const target = training.input('target', 'float32', prediction.shape)
  const weight = training.input('weight', 'float32', found.shape)
  const object = training.input('object', 'float32', found.shape)
  const counts = training.input('object_weight', 'float32', [found.shape[0]])
  const difference = subtract(prediction, target)
  const noise = mean(multiply(multiply(difference, difference), weight))
  const dice = mean(multiply(diceLoss(found, object), counts))
  return { loss: add(noise, multiply(dice, maskWeight)), outputs: { dice } }
}

/** H(X, Y) = 1 - 2 |X and Y| / (|X| + |Y|) of each example (Milletari et al. 2016, arXiv:1606.04797, without the squares, as SmartBrush writes it); sums are
 *  over all places. A little is added above and below, so that two empty masks are alike.
 *  @param found, object [batch, 1, height, width], 0 to 1  @returns [batch] */
export function diceLoss(found: Value, object: Value): Value {
  const { graph } = found
  const [batch] = found.shape
  const sums = (value: Value) => reduceSum(reshape(value, [batch, sizeOf(value.shape.slice(1))]), [1])
  const flat = (value: Value) => reshape(value, [batch])
  const smooth = constant(graph, 'float32', [1], [DICE_SMOOTHING])
  const both = add(multiply(flat(sums(multiply(found, object))), 2), smooth)
  const each = add(add(flat(sums(found)), flat(sums(object))), smooth)
  return subtract(constant(graph, 'float32', [1], [1]), divide(both, each))
}

/** Of places: far less than an object has. */
export const DICE_SMOOTHING = 1e-3

/** What a graph with that loss is fed beside samples, timesteps and targets. */
export function fedShapes(shapes: readonly ShapedQuestion[]): Feeds {
  if (shapes.length === 0) return {}
  const objects = shapes.map(({ object, mask }) => object ?? tensor(mask.shape))
  return {
    class_labels: { shape: [shapes.length], integers: shapes.map(({ level }) => level) },
    weight: joinBatches(shapes.map(placeWeights)),
    object: joinBatches(objects),
    object_weight: tensor(
      [shapes.length],
      Float32Array.from(shapes, ({ object }) => Number(object !== undefined)),
    ),
  }
}

/** How much the error at each place counts, so that the mean over all is that over what the mask marks. */
function placeWeights({ question: { weight }, mask }: ShapedQuestion): Tensor {
  const share = mask.data.reduce((sum, value) => sum + value, 0) / mask.data.length
  return tensor(
    mask.shape,
    mask.data.map(value => (value * weight) / share),
  )
}

/** What that loss would be of a network that answers zeros, by which a run is known to come apart; the mask's part is left out. */
export function silenceOfShapes(shapes: readonly ShapedQuestion[]): number {
  const errors = shapes.map(shape => {
    const { target } = shape.question
    const { data: own } = placeWeights(shape)
    return target.data.reduce((sum, value, k) => sum + own[k % own.length] * value * value, 0) / target.data.length
  })
  return errors.reduce((sum, error) => sum + error, 0) / shapes.length
}
