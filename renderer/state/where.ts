/** Parts of the picture that the canvas says: they stand in the form by these names, and a run is given their pixels. */

const OF_CANVAS = 'canvas:'

/** What the masks cover that are seen. */
export const paintedMask = `${OF_CANVAS}mask`

/** What a region layer covers. @param layer its id */
export const regionPlace = (layer: string): string => `${OF_CANVAS}region:${layer}`

/** Whether a value of the form is a part that the canvas says. */
export const isOfCanvas = (value: unknown): value is string => typeof value === 'string' && value.startsWith(OF_CANVAS)
