/** Kinds of models that stand for one thing, for the page too. */
export { controlKinds } from '../weights/model-kinds.ts'
