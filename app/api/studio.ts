import type { Boards } from '../library/boards.ts'
import type {
  Dataset,
  DatasetDetails,
  DatasetPicture,
  DatasetQuery,
  DatasetRequest,
  PictureChange,
  PictureWords,
  TagChange,
} from '../library/datasets/records.ts'
import type { Documents } from '../library/documents/documents.ts'
import type { Downloads } from '../library/downloads/downloads.ts'
import type { Facets } from '../library/facets.ts'
import type { ImagePage } from '../library/images.ts'
import type { CanvasPart, KeptPicture } from '../library/kept-pictures.ts'
import type { LineageNode } from '../library/lineage.ts'
import type { Marks } from '../library/marks.ts'
import type { OpenedFile } from '../library/opened-file.ts'
import type { PromptWords } from '../library/prompt-history.ts'
import type {
  Cost,
  Image,
  ImageQuery,
  Job,
  PrecisionLoss,
  PrecisionOffer,
  Recipe,
  Settings,
  SettingsChange,
} from '../library/records.ts'
import type { Style } from '../library/styles.ts'
import type { Training, TrainingEstimate, TrainingHistory } from '../library/trainings.ts'
import type { LongPrompts } from '../models/prompt/chunks.ts'
import type { TokenCount } from '../models/prompt/count-tokens.ts'
import type { TokenView } from '../models/prompt/token-view.ts'
import type { ModelKind } from '../weights/model-kinds.ts'
import type { FewBitPrecision } from '../weights/precision.ts'
import type {
  ImportReport,
  JobRequest,
  KnownModel,
  ModelInfo,
  OperationInfo,
  SamplerInfo,
  StudioEvent,
} from './contract.ts'

/** What the API is a door to. The engine is one; whatever it throws as a Problem reaches the caller as such. */
export interface Studio {
  hello(): { version: string; provider: string; queuePaused: boolean; settings: Settings }
  /** Events from the call on, until the signal is aborted or the iterator is left.
   *  @param options.previews whether they are looked at; they cost a little to make. Default: not */
  events(signal?: AbortSignal, options?: { previews: boolean }): AsyncGenerator<StudioEvent, void>
  changeSettings(change: SettingsChange): Promise<Settings>
  /** Which precisions are worth choosing on this computer; measured when it is first asked for. */
  precisions(): Promise<PrecisionOffer[]>

  operations(): OperationInfo[]
  samplers(): SamplerInfo[]

  /** Checkpoints, unless other kinds are asked for. */
  models(kinds?: readonly ModelKind[]): ModelInfo[]
  importModels(paths: readonly string[]): Promise<ImportReport>
  locateModel(id: string, path: string): Promise<ModelInfo>
  removeModels(ids: readonly string[]): string[]
  countTokens(question: PromptQuestion): TokenCount
  /** @throws Problem as `countTokens`; EMBEDDING_* */
  tokens(question: PromptQuestion): TokenView
  estimate(request: JobRequest): Promise<Cost & { fits?: boolean }>
  checkPrecision(model: string, precision: FewBitPrecision): Job
  modelDetails(model: string): Promise<{ hash: string; licence?: string; losses: PrecisionLoss[] }>
  /** The picture beside a model's file, as a data URL. */
  modelPicture(id: string): string | undefined
  knownModels(): readonly KnownModel[]
  /** Models that are fetched; the one thing here that uses the network. */
  readonly downloads: Pick<Downloads, 'lookUp' | 'get' | 'list' | 'pause' | 'resume' | 'cancel'>

  readonly prompts: PromptDesk
  readonly styles: StyleDesk

  jobs(): Job[]
  submit(request: JobRequest): Job
  /** Of an operation that answers: hashes of kept pictures. @throws Problem as `submit`; OPERATION_SILENT, JOB_CANCELLED; as the job fails */
  ask(request: JobRequest): Promise<readonly string[]>
  cancel(id: string): Promise<Job>
  /** @throws Problem JOB_UNKNOWN, JOB_ELSEWHERE, JOB_NOT_RESUMABLE; as do the next two */
  pause(id: string): Job
  resume(id: string): Job
  stopAndKeep(id: string): Job
  runAgain(id: string): Job
  move(id: string, before?: string): Job[]
  pauseQueue(paused: boolean): { paused: boolean }

  /** @throws Problem PICTURE_GONE, MODEL_UNKNOWN, SEGMENTER_*, ONNX_*, FILE_*, SEGMENTATION_* */
  findObject(question: ObjectQuestion): Promise<ObjectFound>
  /** @throws Problem PICTURE_GONE, MODEL_*, WEIGHTS_*, FILE_*, WORDS_* */
  findWords(question: WordsQuestion): Promise<WordsFound>

  readonly datasets: DatasetDesk
  readonly trainings: TrainingStudio
  readonly documents: DocumentDesk
  /** Ratings and tags of pictures. */
  readonly marks: Pick<Marks, 'rate' | 'tag' | 'tags'>
  readonly boards: Pick<Boards, 'list' | 'create' | 'rename' | 'remove' | 'add' | 'take'>

  /** @throws Problem CURSOR_INVALID, IMAGE_UNKNOWN */
  listImages(query: ImageQuery): Promise<ImagePage>
  image(id: string): Image
  facets(): Facets
  /** What the picture's file says for machines. @throws Problem IMAGE_UNKNOWN, PICTURE_GONE */
  origin(id: string): Promise<'made' | 'changed' | undefined>
  /** @throws Problem IMAGE_UNKNOWN */
  lineage(id: string, depth?: number): LineageNode[]
  star(id: string, starred: boolean): Image
  trash(ids: readonly string[]): string[]
  restore(ids: readonly string[]): string[]
  emptyTrash(): Promise<number>
  /** @throws Problem PICTURE_*, DISK_FULL */
  keepPicture(picture: Uint8Array, use: 'picture' | 'mask', canvas?: CanvasPart): Promise<KeptPicture>
  /** @throws Problem PICTURE_*, DISK_FULL */
  openPicture(file: Uint8Array): Promise<OpenedFile>
  /** Takes a piece of a file. @throws Problem PICTURE_LARGE */
  upload(upload: string, piece: Uint8Array): void
  /** All of a file that came in pieces. @throws Problem UPLOAD_UNKNOWN */
  uploaded(upload: string): Uint8Array
  /** Keywords and texts that PNG files carry the recipe of a picture of the library in. */
  recipeTexts(image: string): [keyword: string, text: string][]
  readRecipe(picture: Uint8Array): Promise<{ recipe: Recipe; source: 'sfumato' | 'a1111' | 'invokeai' | 'comfyui' }>

  /** Keeps what is not for the screen. */
  log(line: string): void
}

/** What is asked about clicks on a picture that was kept. */
export interface ObjectQuestion {
  /** Its hash. */
  readonly picture: string
  /** The id of a network that finds objects. */
  readonly network: string
  /** In pixels of the picture; those that are not inside do not belong to what is meant. */
  readonly clicks: readonly { readonly x: number; readonly y: number; readonly isInside: boolean }[]
  /** Of the answer, in pixels. */
  readonly size: { readonly width: number; readonly height: number }
}

/** What lies there. */
export interface ObjectFound {
  /** How many pixels in a row are not meant, then how many are, and so on: row by row from the top left. */
  runs: number[]
  /** What hangs together with the click is meant; the rest only looks alike. */
  isClickedPartAlone: boolean
}

/** What is looked for in a picture that was kept. */
export interface WordsQuestion {
  /** Its hash. */
  readonly picture: string
  /** The id of a model that finds words. */
  readonly model: string
  /** Each is looked for by itself; a place counts as surely as it shows the likeliest. */
  readonly words: readonly string[]
}

/** Where that is. */
export interface WordsFound {
  /** The hash of a gray picture: white where it surely is. */
  map: string
  /** Of the map, in pixels: as large as the picture. */
  width: number
  height: number
}

/** What is asked of a prompt before it is drawn. */
export interface PromptQuestion {
  readonly model: string
  readonly prompt: string
  readonly longPrompts: LongPrompts
  /** Learned words beside the model. */
  readonly embeddings: readonly { readonly model: string; readonly word?: string | undefined }[]
}

/** What a person wrote before, and what can be written. */
export interface PromptDesk {
  suggest(words: string, most: number): PromptWords
  recent(most: number): string[]
  /** Names of wildcards. */
  wildcards(): string[]
}

/** Words and values under names. */
export interface StyleDesk {
  list(): Style[]
  /** @throws Problem STYLE_UNKNOWN */
  get(name: string): Style
  save(styles: readonly Style[]): Style[]
  remove(name: string): Style[]
  /** @returns how many there were  @throws Problem STYLES_FILE */
  importFrom(csv: string): number
}

/** What can be done with pictures that a person trains on. Everything throws Problem DATASET_UNKNOWN for an id that is none. */
export interface DatasetDesk {
  list(): Dataset[]
  /** @throws Problem FILE_*, FOLDER_NEEDED, DATASET_EMPTY, PICTURES_MANY */
  create(request: DatasetRequest): Promise<Dataset>
  /** @throws Problem as `create` */
  lookAgain(id: string): Promise<Dataset>
  cancel(id: string): Dataset
  details(query: DatasetQuery): DatasetDetails
  pictures(query: DatasetQuery): { pictures: DatasetPicture[]; total: number }
  /** @returns how many pictures were changed  @throws Problem CROP_OUTSIDE */
  change(change: PictureChange): number
  /** @returns what the captions that changed were before */
  editTags(change: TagChange): PictureWords[]
  /** @returns how many pictures got their words back */
  putWordsBack(id: string, words: readonly PictureWords[]): number
  /** @returns the ids that were known */
  remove(ids: readonly string[]): string[]
}

/** What can be done with documents: what the library does, told to every page. */
export interface DocumentDesk extends Omit<Documents, 'tiles' | 'info'> {
  /** Puts tiles on the disk. @returns their hashes, in their order  @throws Problem TILE_INVALID, DISK_FULL ... */
  storeTiles(pictures: readonly Uint8Array[]): Promise<string[]>
}

/** What can be seen and had of trainings. */
export interface TrainingStudio {
  /** All runs, the newest first. */
  list(): Training[]
  /** @throws Problem TRAINING_UNKNOWN */
  get(id: string): TrainingHistory
  /** Watches a run that goes on by one more prompt. @throws Problem TRAINING_UNKNOWN, TRAINING_PROMPT, FILE_*, DISK_FULL */
  addPrompt(id: string, prompt: string): TrainingHistory
  /** @throws Problem as `submit`; DATASET_EMPTY */
  estimate(request: JobRequest): Promise<TrainingEstimate>
  /** Lets a run that came apart go on from its last good state, at half the rate, as a job of its own.
   *  @throws Problem TRAINING_UNKNOWN, TRAINING_GOOD where it has not, and as `submit` */
  goOnSlower(id: string): Job
  /** Makes what a run had learned after a step its result. @throws Problem TRAINING_UNKNOWN, TRAINING_STEP, FILE_*, DISK_FULL */
  use(id: string, step: number): Promise<ModelInfo>
}
