import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../app/api/contract.ts'

export type {
  Board,
  Choice,
  Contract,
  Cost,
  Dataset,
  DatasetDetails,
  DatasetPicture,
  DatasetQuery,
  DocumentChange,
  DocumentInfo,
  DocumentState,
  DocumentVersion,
  Download,
  DownloadPlan,
  Facets,
  Image,
  Job,
  JobCost,
  JobProgress,
  JobRequest,
  JobState,
  KnownModel,
  LineageNode,
  ModelInfo,
  NewDocument,
  OpenDocument,
  OpenedFile,
  OperationInfo,
  PictureWords,
  PrecisionLoss,
  PrecisionOffer,
  ProblemInfo,
  ReadToken,
  Recipe,
  SamplerInfo,
  Settings,
  StudioEvent,
  Style,
  Training,
  TrainingEstimate,
  TrainingHistory,
} from '../../app/api/contract.ts'

export type {
  Change,
  Edit,
  Frame,
  Layer,
  LayerKind,
  StudioDocument,
  Tiles,
} from '../../app/api/documents.ts'

/** The engine as the page sees it: every procedure of the contract as a function. */
export type Api = ContractRouterClient<Contract>

/** Where the pixels of a picture are, relative to the page. */
export const blobUrl = (hash: string): string => `blob/${hash}`
