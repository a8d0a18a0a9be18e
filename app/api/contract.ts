import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { Board } from '../library/boards.ts'
import {
  Dataset,
  DatasetDetails,
  DatasetPicture,
  DatasetQuery,
  DatasetRequest,
  PictureChange,
  PictureWords,
  TagChange,
} from '../library/datasets/records.ts'
import {
  DocumentChange,
  DocumentInfo,
  DocumentState,
  DocumentStep,
  DocumentVersion,
  Edit,
  NewDocument,
  OpenDocument,
  StudioDocument,
} from '../library/documents/records.ts'
import { Download, DownloadPlan, KnownModel, ModelReference } from '../library/downloads/records.ts'
import { Facets } from '../library/facets.ts'
import { LineageNode } from '../library/lineage.ts'
import { Tag, TagCount } from '../library/marks.ts'
import { OpenedFile } from '../library/opened-file.ts'
import {
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
import { Style } from '../library/styles.ts'
import { Training, TrainingEstimate, TrainingHistory } from '../library/trainings.ts'
import { fewBitPrecisions } from '../weights/precision.ts'
import { StudioEvent } from './events.ts'
import {
  ImportReport,
  JobRequest,
  ModelInfo,
  ModelKind,
  OperationInfo,
  PromptQuestion,
  ReadToken,
  SamplerInfo,
} from './model-info.ts'

export { Board } from '../library/boards.ts'
export {
  Dataset,
  DatasetDetails,
  DatasetPicture,
  DatasetQuery,
  DatasetRequest,
  PictureChange,
  PictureWords,
  TagChange,
} from '../library/datasets/records.ts'
export {
  DocumentChange,
  DocumentInfo,
  DocumentState,
  DocumentStep,
  DocumentVersion,
  NewDocument,
  OpenDocument,
} from '../library/documents/records.ts'
export { Download, DownloadPlan, KnownModel, ModelReference } from '../library/downloads/records.ts'
export { Facets } from '../library/facets.ts'
export { LineageNode } from '../library/lineage.ts'
export { TagCount } from '../library/marks.ts'
export { OpenedFile } from '../library/opened-file.ts'
export { RecipeDifference } from '../library/recipe/difference.ts'
export {
  Choice,
  Cost,
  Image,
  ImageQuery,
  Job,
  JobCost,
  JobProgress,
  JobState,
  PrecisionLoss,
  PrecisionOffer,
  ProblemInfo,
  Recipe,
  Settings,
} from '../library/records.ts'
export { Style } from '../library/styles.ts'
export { Training, TrainingEstimate, TrainingHistory } from '../library/trainings.ts'
export { StudioEvent } from './events.ts'
export { ImportReport, JobRequest, ModelInfo, ModelKind, OperationInfo, ReadToken, SamplerInfo } from './model-info.ts'

/** Everything that the renderer, the command line and scripts can do, with what goes in and what comes back.
 *  Types only travel to the renderer; the router (router.ts) implements it. Seeds are decimal strings on the wire (0 to 2^64-1). */

const id = z.object({ id: z.string() })
const ids = z.object({ ids: z.array(z.string()) })
/** A version of a document. */
const version = id.extend({ version: z.string() })
/** A name that a person gives. */
const title = z.string().trim().min(1).max(200)

/** What a caller calls a file that it sends in pieces. */
const uploadName = z.string().min(1).max(100)

/** Tiles that one call brings: with the largest ones, half of what a message may have. */
export const mostTilesOfCall = 48

/** Longest side of a mask that is found. */
const mostMaskSide = 4096

export const contract = {
  system: {
    /** Who is there; the first call that a page makes. */
    hello: oc.output(
      z.object({ version: z.string(), provider: z.string(), queuePaused: z.boolean(), settings: Settings }),
    ),
    events: oc.output(eventIterator(StudioEvent)),
    changeSettings: oc.input(SettingsChange).output(Settings),
    /** Which precisions are worth choosing on this computer; measured when it is first asked for, which takes a second. */
    precisions: oc.output(z.array(PrecisionOffer)),
  },
  operations: { list: oc.output(z.array(OperationInfo)), samplers: oc.output(z.array(SamplerInfo)) },
  models: {
    /** Checkpoints, unless other kinds are asked for. */
    list: oc.input(z.object({ kinds: z.array(ModelKind).optional() }).optional()).output(z.array(ModelInfo)),
    /** Adds models where they lie: files, folders of models, whole folders of other programs. */
    import: oc.input(z.object({ paths: z.array(z.string().min(1)).min(1).max(1000) })).output(ImportReport),
    /** Finds a model again whose files were moved: `path` is where they are now, or a folder with them. They must be the same. */
    locate: oc.input(z.object({ id: z.string(), path: z.string().min(1) })).output(ModelInfo),
    /** Forgets models; their files stay. */
    remove: oc.input(z.object({ ids: z.array(z.string()) })).output(z.object({ ids: z.array(z.string()) })),
    /** Tokens that a prompt takes without its syntax, as the model's own tokenizer counts, with begin and end of each chunk; how many
     *  chunks of `limit` tokens are read; the words that are cut off. */
    countTokens: oc
      .input(PromptQuestion)
      .output(z.object({ tokens: z.int(), limit: z.int(), chunks: z.int(), leftOut: z.string() })),
    /** The prompt token by token. `text` is what the places count in: the prompt with its choices made; `changes`: it says something else
     *  at other steps, and this is its longest. */
    tokens: oc.input(PromptQuestion).output(
      z.object({
        text: z.string(),
        tokens: z.array(ReadToken),
        limit: z.int(),
        chunks: z.int(),
        changes: z.boolean(),
      }),
    ),
    /** What the job would take: seconds, from what was measured on this computer (absent before the first measurement), and memory, from the
     *  graphs that would run; whether that fits. */
    estimate: oc.input(JobRequest).output(Cost.extend({ fits: z.boolean().optional() })),
    /** Measures what a model loses in a precision, when nothing else waits; the result is among its details. */
    checkPrecision: oc.input(id.extend({ precision: z.enum(fewBitPrecisions) })).output(Job),
    /** What is read only when it is looked at: the hash of the weights (seconds for a large model, once), the licence of its card,
     *  what it was found to lose in other precisions. */
    details: oc
      .input(id)
      .output(z.object({ hash: z.string(), licence: z.string().optional(), losses: z.array(PrecisionLoss) })),
    /** The picture beside a model's file, as a data URL. */
    picture: oc.input(id).output(z.object({ url: z.string().optional() })),
    /** Models that are asked for most; what they weigh and may be used for is read when one is looked up. */
    known: oc.output(z.array(KnownModel)),
    /** What a model of the hub consists of: files, sizes, licence, host, free space. Uses the network; fetches no weights. */
    lookUp: oc.input(ModelReference).output(DownloadPlan),
    /** Fetches what was looked up, by the id of the plan; the person has seen it and agreed. Uses the network until it is over. */
    get: oc.input(z.object({ plan: z.string() })).output(Download),
    downloads: oc.output(z.array(Download)),
    pauseDownload: oc.input(id).output(Download),
    resumeDownload: oc.input(id).output(Download),
    /** Ends it and removes what has arrived. */
    cancelDownload: oc.input(id).output(Download),
  },
  /** What a person wrote before, and what can be written. */
  prompts: {
    /** What goes on with the words since the last comma: pieces and words of the library's prompts. */
    suggest: oc
      .input(z.object({ words: z.string().max(500), limit: z.int().min(1).max(50).default(8) }))
      .output(z.object({ phrases: z.array(z.string()), words: z.array(z.string()) })),
    /** Different prompts of the pictures that were made last, the newest first. */
    recent: oc
      .input(z.object({ limit: z.int().min(1).max(500).default(100) }))
      .output(z.object({ prompts: z.array(z.string()) })),
    /** Names of the wildcards that there are. */
    wildcards: oc.output(z.object({ names: z.array(z.string()) })),
  },
  styles: {
    list: oc.output(z.array(Style)),
    /** One of the same name is replaced. */
    save: oc.input(Style).output(z.array(Style)),
    remove: oc.input(z.object({ name: z.string() })).output(z.array(Style)),
    /** Adds those of the AUTOMATIC1111 web UI's styles.csv. */
    import: oc.input(z.object({ csv: z.string().max(5_000_000) })).output(z.object({ imported: z.int() })),
  },
  jobs: {
    list: oc.output(z.array(Job)),
    /** Checks the request, puts it at the end of the queue. Errors carry the field and a sentence. */
    submit: oc.input(JobRequest).output(Job),
    /** The same of an operation that answers a question about a picture: waits for its end. `pictures` are hashes of kept pictures, none of which comes
     *  into the gallery. */
    ask: oc.input(JobRequest).output(z.object({ pictures: z.array(z.string()) })),
    cancel: oc.input(id).output(Job),
    /** Stops a job that resumes (a training) after its step; it waits until `resume`, also after a restart. */
    pause: oc.input(id).output(Job),
    /** Lets a paused job go on where it was. */
    resume: oc.input(id).output(Job),
    /** Ends a job that resumes after its step, and keeps what it has as its result. */
    stopAndKeep: oc.input(id).output(Job),
    /** The same parameters once more, as a new job. */
    runAgain: oc.input(id).output(Job),
    move: oc.input(z.object({ id: z.string(), before: z.string().optional() })).output(z.array(Job)),
    pauseQueue: oc.input(z.object({ paused: z.boolean() })).output(z.object({ paused: z.boolean() })),
  },
  datasets: {
    /** Pictures that a person trains on, oldest data set first. */
    list: oc.output(z.array(Dataset)),
    /** Makes a data set of a folder's pictures, which stay there; they are looked through afterwards, with events. */
    create: oc.input(DatasetRequest).output(Dataset),
    /** Looks for what is new, changed, moved or gone in the folder; also goes on after a cancel. */
    lookAgain: oc.input(id).output(Dataset),
    /** Ends the look through the folder; what was seen stays. */
    cancel: oc.input(id).output(Dataset),
    /** Buckets, tags, duplicates. */
    details: oc.input(DatasetQuery).output(DatasetDetails),
    /** A page of pictures, by their paths. Small ones are at `blob/<thumbnail>`. */
    pictures: oc.input(DatasetQuery).output(z.object({ pictures: z.array(DatasetPicture), total: z.int() })),
    /** Words and marks of pictures. The text files beside them are left as they are. */
    change: oc.input(PictureChange).output(z.object({ changed: z.int() })),
    /** Edits tags in many captions at once; `before` is what the captions that changed were. */
    editTags: oc.input(TagChange).output(z.object({ changed: z.int(), before: z.array(PictureWords) })),
    /** Gives pictures the words that they had. */
    putWordsBack: oc
      .input(id.extend({ words: z.array(PictureWords).max(100_000) }))
      .output(z.object({ changed: z.int() })),
    /** Forgets data sets; their files stay. */
    remove: oc.input(z.object({ ids: z.array(z.string()) })).output(z.object({ ids: z.array(z.string()) })),
  },
  trainings: {
    /** Runs of trainings, the newest first; they are there after a restart. */
    list: oc.output(z.array(Training)),
    /** All that a run was watched by. */
    get: oc.input(id).output(TrainingHistory),
    /** Watches a run that goes on by one more prompt: from its next look on there is a picture of it. */
    addPrompt: oc.input(id.extend({ prompt: z.string().trim().min(1).max(1000) })).output(TrainingHistory),
    /** What a training would take: from its graphs, and from what was measured here. */
    estimate: oc.input(JobRequest).output(TrainingEstimate),
    /** Lets a run whose loss became invalid go on from its last good state, at half the rate. */
    goOnSlower: oc.input(id).output(Job),
    /** Makes what a run had learned after a step its result in the library. */
    use: oc.input(id.extend({ step: z.int().min(1) })).output(ModelInfo),
  },
  /** Pictures that a person put together; `images.list` shows those of one. */
  boards: {
    list: oc.output(z.array(Board)),
    create: oc.input(z.object({ name: title })).output(Board),
    rename: oc.input(id.extend({ name: title })).output(Board),
    /** Its pictures stay. */
    remove: oc.input(id).output(id),
    add: oc.input(id.extend({ images: z.array(z.string()) })).output(Board),
    take: oc.input(id.extend({ images: z.array(z.string()) })).output(Board),
  },
  segmentation: {
    /** What lies under clicks on a picture, as a network of the library finds it. `picture` was kept before (`images.keep`); `network` is the id of
     *  its file, of one that comes in two that of either; clicks are in pixels of the picture. */
    find: oc
      .input(
        z.object({
          picture: z.string(),
          network: z.string(),
          clicks: z
            .array(z.object({ x: z.number(), y: z.number(), isInside: z.boolean() }))
            .min(1)
            .max(64),
          size: z.object({ width: z.int().min(1).max(mostMaskSide), height: z.int().min(1).max(mostMaskSide) }),
        }),
      )
      .output(
        z.object({
          /** How many pixels in a row are not meant, then how many are, and so on: row by row from the top left. */
          runs: z.array(z.int()),
          /** What hangs together with the click is meant; the rest only looks alike. */
          isClickedPartAlone: z.boolean(),
        }),
      ),
    /** Where in a picture that was kept is what words say? `model` is the id of one that finds words; each of the words is looked for by itself.
     *  `map` is the hash of a gray picture as large: white where it surely is. */
    words: oc
      .input(
        z.object({
          picture: z.string(),
          model: z.string(),
          words: z.array(z.string().trim().min(1).max(500)).min(1).max(32),
        }),
      )
      .output(z.object({ map: z.string(), width: z.int(), height: z.int() })),
  },
  documents: {
    /** The one that was changed last comes first. */
    list: oc.input(z.object({ trashed: z.boolean().default(false) }).optional()).output(z.array(DocumentInfo)),
    create: oc.input(NewDocument).output(DocumentInfo),
    /** All of a document; its tiles are at `blob/<hash>`. */
    open: oc.input(id).output(OpenDocument),
    /** Changes it. Answered when it is on the disk. Tiles that it names were sent before. */
    apply: oc.input(DocumentStep.extend({ edit: Edit })).output(DocumentState),
    undo: oc.input(DocumentStep).output(DocumentChange),
    redo: oc.input(DocumentStep).output(DocumentChange),
    /** Keeps tiles for edits to come: PNG files, 8-bit RGBA, at most 256 x 256. They cross as bytes. Answers their hashes (SHA-256), in their order. */
    storeTiles: oc
      .input(z.object({ tiles: z.array(z.instanceof(Blob)).min(1).max(mostTilesOfCall) }))
      .output(z.object({ hashes: z.array(z.string()) })),
    /** The small picture of it in lists, as the page composed it: a PNG file, 8-bit RGBA, at most 512 x 512. */
    setThumbnail: oc.input(id.extend({ picture: z.instanceof(Blob) })).output(DocumentInfo),
    rename: oc.input(id.extend({ name: title })).output(DocumentInfo),
    /** A document of its own with the same layers, or with those of a version. */
    duplicate: oc.input(id.extend({ version: z.string().optional() })).output(DocumentInfo),
    trash: oc.input(ids).output(ids),
    restore: oc.input(ids).output(ids),
    emptyTrash: oc.output(z.object({ removed: z.int() })),
    /** States that were kept under a name, the newest first. */
    versions: oc.input(id).output(z.array(DocumentVersion)),
    keepVersion: oc.input(id.extend({ name: title })).output(DocumentVersion),
    /** What the document was, to look at. */
    version: oc.input(version).output(StudioDocument),
    /** Makes the document that again; undo takes it back. */
    returnTo: oc.input(DocumentStep.extend({ version: z.string() })).output(DocumentChange),
    removeVersion: oc.input(version).output(z.array(DocumentVersion)),
  },
  images: {
    list: oc
      .input(ImageQuery)
      .output(z.object({ images: z.array(Image), next: z.string().optional(), total: z.int().optional() })),
    get: oc.input(id).output(Image),
    /** What a picture was made from, what was made from it, and what else came from its parents, so many generations away. */
    lineage: oc.input(id.extend({ depth: z.int().min(1).max(20).default(6) })).output(z.array(LineageNode)),
    star: oc.input(z.object({ id: z.string(), starred: z.boolean() })).output(Image),
    /** 1 to 5; 0 takes the rating away. Answers the ids that are in the library. */
    rate: oc.input(ids.extend({ rating: z.int().min(0).max(5) })).output(ids),
    /** Adds and removes tags of many pictures. */
    tag: oc.input(ids.extend({ add: z.array(Tag).max(100), remove: z.array(Tag).max(100) })).output(ids),
    /** What the file of a picture says for machines: that a model made it, or changed it; nothing where it does not say so. */
    origin: oc.input(id).output(z.object({ says: z.enum(['made', 'changed']).optional() })),
    /** How many pictures there are of each kind. */
    facets: oc.output(Facets),
    /** All tags, those of the most pictures first. */
    tags: oc.output(z.array(TagCount)),
    trash: oc.input(z.object({ ids: z.array(z.string()) })).output(z.object({ ids: z.array(z.string()) })),
    restore: oc.input(z.object({ ids: z.array(z.string()) })).output(z.object({ ids: z.array(z.string()) })),
    emptyTrash: oc.output(z.object({ removed: z.int() })),
    /** Keeps a picture for jobs that begin from it (`image`, `mask` of their parameters): a PNG, JPEG, WebP, AVIF, GIF or TIFF file.
     *  `canvas`: it is a part of one, which showed these pictures of the library. */
    keep: oc
      .input(
        z.object({
          file: z.instanceof(Blob),
          use: z.enum(['picture', 'mask']).default('picture'),
          canvas: z.object({ shows: z.array(z.string()).max(1000) }).optional(),
        }),
      )
      .output(z.object({ hash: z.string(), width: z.int(), height: z.int() })),
    /** Takes a file apart: PNG, JPEG, WebP, AVIF, GIF, TIFF and SVG are one layer, PSD is its layers and groups. */
    open: oc
      .input(z.union([z.object({ file: z.instanceof(Blob) }), z.object({ upload: uploadName })]))
      .output(OpenedFile),
    /** Brings a piece of a file that is too long for one message (picture-limits.ts), in order, under a name that the caller makes up. */
    upload: oc.input(z.object({ upload: uploadName, piece: z.instanceof(Blob) })).output(z.object({})),
    /** The texts that PNG files carry a picture's recipe in, by their keywords; none where it has no recipe. */
    recipeTexts: oc.input(id).output(z.object({ texts: z.array(z.tuple([z.string(), z.string()])) })),
    /** Reads the recipe that a dropped picture carries (ours, InvokeAI's or A1111's text, ComfyUI's graph); the picture is decoded in the decoder process. */
    readRecipe: oc
      .input(z.object({ name: z.string(), file: z.instanceof(Blob) }))
      .output(z.object({ recipe: Recipe, source: z.enum(['sfumato', 'a1111', 'invokeai', 'comfyui']) })),
  },
}
export type Contract = typeof contract
