import { Checkpoint, type CheckpointAdditions } from '../runtime/checkpoint.ts'
import type { ModelOfClasses } from '../runtime/class-model.ts'
import { openModelOfClasses } from '../runtime/pixel-class-model.ts'
import { PixelModel } from '../runtime/pixel-model.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { Upscaler } from '../runtime/upscaler.ts'
import { WordMasks } from '../runtime/word-masks.ts'
import { folderOfWordMasks } from '../weights/word-masks.ts'
import type { OpenModels, Workshop } from './operation.ts'

/** One model, opened as what an operation takes it for: its configs are read when it is first asked for, once. */
export class LazyModels implements OpenModels, Pick<Workshop, 'runtime'> {
  readonly #path: string
  readonly runtime: Runtime
  readonly #additions: CheckpointAdditions
  #checkpoint: Checkpoint | undefined
  #unconditional: PixelModel | undefined
  #classes: ModelOfClasses | undefined
  #upscaler: Upscaler | undefined
  #masks: WordMasks | undefined

  constructor(path: string, runtime: Runtime, additions: CheckpointAdditions) {
    this.#path = path
    this.runtime = runtime
    this.#additions = additions
  }

  get checkpoint(): Checkpoint {
    this.#checkpoint ??= new Checkpoint(this.#path, this.runtime, this.#additions)
    return this.#checkpoint
  }

  get unconditional(): PixelModel {
    this.#unconditional ??= new PixelModel(this.#path, this.runtime, this.#additions.precision)
    return this.#unconditional
  }

  get classes(): ModelOfClasses {
    this.#classes ??= openModelOfClasses(this.#path, this.runtime, this.#additions.precision)
    return this.#classes
  }

  get upscaler(): Upscaler {
    this.#upscaler ??= new Upscaler(this.#path, this.runtime)
    return this.#upscaler
  }

  get masks(): WordMasks {
    this.#masks ??= new WordMasks(this.runtime, folderOfWordMasks(this.#path))
    return this.#masks
  }
}
