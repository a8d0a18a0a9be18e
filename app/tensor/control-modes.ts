/** How a control and the prompt share what is said. balanced: the control acts on both predictions of guidance, at all levels alike. prompt: its strengths fall
 *  towards fine levels. control: so too, and on what the picture is pulled towards alone, which guidance makes stronger (the reference's guess_mode). */
export const controlModes = ['balanced', 'prompt', 'control'] as const
export type ControlMode = (typeof controlModes)[number]
