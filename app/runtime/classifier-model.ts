import type { Value } from '../graph/graph.ts'
import { type NoisyClassifierConfig, noisyClassifier } from '../models/noisy-classifier.ts'
import type { UNet2DSizes } from '../models/unet-2d.ts'
import { Problem } from '../problem.ts'
import { openClassifier } from '../weights/classifier-file.ts'
import { Network } from './network.ts'
import type { Runtime } from './runtime.ts'
import type { Training } from './trainable.ts'

/** A network that tells classes of noisy pictures apart. */
export class ClassifierModel {
  readonly path: string
  readonly #network: Network<NoisyClassifierConfig, UNet2DSizes>

  /** @param path of its file  @throws Problem CLASSIFIER_FILE, MODEL_CONFIG, FILE_*, SAFETENSORS_* */
  constructor(runtime: Runtime, path: string) {
    this.path = path
    this.#network = new Network(runtime, noisyClassifier, openClassifier(path))
  }

  /** What its classes are called. */
  get labels(): readonly string[] {
    return this.#network.config.labels
  }

  /** The number of a class by its name, or by its number. @throws Problem CLASS_UNKNOWN with the names that there are */
  classNamed(name: string): number {
    const wanted = name.trim().toLowerCase()
    const found = this.labels.findIndex(label => label.toLowerCase() === wanted)
    const number = /^\d+$/.test(wanted) ? Number(wanted) : -1
    const place = found >= 0 ? found : number
    if (place >= 0 && place < this.labels.length) return place
    const labels = this.labels.join(', ')
    const what =
      wanted === ''
        ? `Nothing says what class the classifier ${this.path} shall see.`
        : `The classifier ${this.path} knows no class "${name}".`
    throw new Problem('CLASS_UNKNOWN', what, {
      hint: `It knows ${labels}.`,
      details: { field: 'guideClass' },
    })
  }

  /** Writes log probabilities [batch, classes] of noisy pictures of variance 1 [batch, 3, height, width]; their timestep [1] is the input
   *  `PREFIXtimestep`. @throws Problem CLASSIFIER_SIZE where it sees no pictures of that size */
  written(training: Training, sample: Value, prefix: string): Value {
    const [batch, channels, height, width] = sample.shape
    const { encoder } = this.#network.config
    const wanted = encoder.in_channels
    const multiple = 2 ** (encoder.block_out_channels.length - 1)
    if (channels !== wanted || height % multiple !== 0 || width % multiple !== 0) {
      const size = `${width} x ${height}`
      throw new Problem(
        'CLASSIFIER_SIZE',
        `The classifier ${this.path} sees no pictures of ${size} with ${channels} channels.`,
        {
          hint: `It sees ${wanted} channels, and sides that are multiples of ${multiple}: train one for this model.`,
          details: { field: 'guideClassifier' },
        },
      )
    }
    const sizes = { batch, height, width, timesteps: 'one' } as const
    const part = { network: this.#network, graph: 'classify', sizes, inputs: { sample }, prefix }
    return training.part(part).log_probabilities
  }
}
