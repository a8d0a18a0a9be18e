import type { z } from 'zod'
import type { Beside, ModelDescription } from '../models/description.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { ModelOfClasses } from '../runtime/class-model.ts'
import type { Footprint } from '../runtime/footprint.ts'
import type { StrongLora } from '../runtime/network.ts'
import type { PixelModel } from '../runtime/pixel-model.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Upscaler } from '../runtime/upscaler.ts'
import type { WordMasks } from '../runtime/word-masks.ts'
import type { RgbImage } from '../tensor/images.ts'
import type { TrainingSet } from '../training/data.ts'
import type { ChangedTensor } from '../weights/merge.ts'
import type { DrawingKind } from '../weights/model-kinds.ts'
import type { WeightFiles } from '../weights/weight-files.ts'

/** How far a running operation is. */
export interface Progress {
  /** What is being done, in words: "Opening Sticker World, 2 of 3 parts", "Step 12 of 20". */
  readonly phase: string
  readonly step: number
  readonly total: number
  /** What a person should still know when it is done. */
  readonly note?: string
  /** Seconds left until the end of the whole operation; absent until two steps were measured. */
  readonly secondsLeft?: number
  /** Bytes that it keeps between steps, while other jobs run; absent: next to nothing. */
  readonly heldBytes?: number
  /** Rough pictures of what is coming, small: one for each picture that was begun, in their order. */
  readonly previews?: readonly RgbImage[]
  /** Of a training: its run, whose history is in its folder. */
  readonly training?: string
  /** Of a training: a folder of pictures that the model drew of the class, and what they are called as a data set. */
  readonly classImages?: { readonly folder: string; readonly name: string }
}

/** A finished picture, with the seed that draws it again alone. */
export interface OperationPicture {
  readonly image: RgbImage
  /** 0 to 2^64-1 */
  readonly seed: bigint
}

/** The model that the person chose, by what it draws from; its parts are opened when they are first used. */
export interface OpenModels {
  readonly checkpoint: Checkpoint
  readonly unconditional: PixelModel
  readonly classes: ModelOfClasses
  readonly upscaler: Upscaler
  readonly masks: WordMasks
}

/** What trainers get to work with beside a model. */
export interface Workshop {
  readonly runtime: Runtime
  /** The person's folder: what is under way goes to `training/` in it. */
  readonly home: string
  /** A picture of a file, upright, as sRGB. @throws Problem IMAGE_UNREADABLE */
  readonly readPicture: (path: string) => Promise<RgbImage>
  /** The pictures of the data set that was named, as the person edited it; absent where a folder was named. */
  readonly pictures?: TrainingSet
  /** A picture as a PNG file. */
  readonly encodePicture: (image: RgbImage) => Promise<Uint8Array>
  /** Of the queue: whose work this is. */
  readonly job: string
  /** The built-in network that pictures are measured with, a folder; absent: there is none. */
  readonly featureNetwork?: string
  /** Whether the person wants it to end now and keep what was learned; looked at between steps. */
  readonly isEnough: () => boolean
  /** Lets others go first that wait and do not take long; between the steps that it tells of, that is done anyhow. @throws what the signal was aborted with */
  readonly rest: () => Promise<void>
}

/** Pictures that an operation is given. */
export interface GivenPictures {
  /** A picture, upright, as sRGB; read by a process of its own. @param picture the path of a file, or the hash of a kept one
   *  @param background what stands behind transparent places, as `#rrggbb`  @throws Problem PICTURE_*, FILE_* */
  read(picture: string, background: string): Promise<RgbImage>
}

/** For runs that are given none. */
export const noPictures: GivenPictures = { read: path => Promise.reject(new Error(`nobody gave the picture ${path}`)) }

/** All that operations may use; each takes a part of it. */
export interface Materials extends OpenModels {
  readonly pictures: GivenPictures
  readonly workshop: Workshop
  /** Of operations that make a model. */
  readonly making: Making
}

/** What every operation gets to work with; everything heavy is behind interfaces, so an operation imports no engine. */
export interface OperationSurroundings {
  /** Aborted when the person cancels; looked at between steps. */
  readonly signal: AbortSignal
  /** Whether anybody looks at previews now; they cost a little. */
  readonly wantsPreviews: boolean
}

/** What an operation that makes a model is told. */
export interface Making {
  /** Where the chosen model lies. */
  readonly source: string
  /** Where the new one goes: nothing is there yet, and maybe not even its folder. Whoever writes it leaves nothing half made there. */
  readonly target: string
  /** SHA-256 of the weights that go into it, by path. */
  readonly hashes: Readonly<Record<string, string>>
  /** Weights of a network with LoRAs in them: the engine's `mergedLoras`. */
  readonly mergedLoras: (weights: WeightFiles, loras: readonly StrongLora[]) => ChangedTensor[]
}

/** What an operation gets to work with: a model of its kind, the workshop if it trains one, and where it goes if it makes one. */
export type OperationContext<Uses extends keyof Materials> = OperationSurroundings & Pick<Materials, Uses>

/** What a training will take. */
export interface TrainingCost {
  readonly footprint: Footprint
  /** Numbers that learn. */
  readonly learned: number
  /** Pictures that a step looks at. */
  readonly picturesOfStep: number
  /** Of the examples, those that are held back. */
  readonly heldBack: number
  /** Looks on the way that keep a result each. */
  readonly looks: number
  /** Steps of the whole run; absent: the parameter of that name. */
  readonly steps?: number
  /** Bytes of the result; absent: those of the numbers. */
  readonly result?: number
}

/** A thing that a person can do. Its schema yields the form, the command line's flags, the API, the docs and the saved recipe.
 *
 *  Each field of `parameters` carries `.meta({ title, description, unit?, group?, widget? })`. A field that is absent
 *  after parsing takes the model's own value (see `ModelDescription.defaults`), by the same name. */
export interface Operation<
  Parameters extends z.ZodObject = z.ZodObject,
  /** The kind of model that it needs; where none is named, any operation is meant. */
  Kind extends DrawingKind = DrawingKind,
  Uses extends keyof Materials = DrawingKind extends Kind ? keyof Materials : Kind,
> {
  readonly id: string
  /** Raised when the same parameters would draw another picture. */
  readonly version: number
  readonly title: string
  readonly description: string
  readonly needs: {
    readonly model: Kind
    /** Of checkpoints: what those may see beside the latents that it can use; by default nothing. */
    readonly beside?: readonly Beside[]
  }
  /** Absent: pictures alone. Else a model as well: where it goes, in the folder of models; `context.making` tells the rest. A name that is
   *  taken is refused before the job waits. @param source where the chosen model lies */
  makes?(parameters: Complete<z.output<Parameters>>, source: string): string
  /** Of what begins from a picture (`image`): the size of what is drawn where nobody chose one; by default the picture's own. */
  sizeOf?(
    picture: { readonly width: number; readonly height: number },
    model: Pick<ModelDescription, 'stride' | 'sizeMultiple' | 'defaults'>,
    parameters: Readonly<Record<string, unknown>>,
  ): { readonly width: number; readonly height: number }
  /** Set where the same parameters go on where they were stopped (trainings): it may be paused, other jobs run between its steps, and after
   *  a crash it goes on by itself. */
  readonly resumes?: true
  /** Set where its pictures answer a question about another one: they are shown, and are no pictures of the gallery. */
  readonly answers?: true
  readonly parameters: Parameters
  /** Of trainings: what one would take, told from its graphs; nothing is opened. @param examples what it learns from
   *  @throws Problem as `run`, where the model cannot be trained */
  foresee?(
    context: Pick<OpenModels, Extract<Uses, keyof OpenModels>> & Pick<Workshop, 'runtime'>,
    parameters: Complete<z.output<Parameters>>,
    examples: TrainingSet['examples'],
  ): TrainingCost
  run(
    context: OperationContext<Uses>,
    parameters: Complete<z.output<Parameters>>,
  ): AsyncGenerator<Progress, readonly OperationPicture[]>
}

/** Parameters as an operation runs with them: the model's own values and a seed are filled in. */
export type Complete<Parameters> = { readonly [Name in keyof Parameters]-?: NonNullable<Parameters[Name]> }
