/** A transaction that is signed and complete, but not sent. */
export interface BuiltTransaction {
  readonly id: string;
  /** The JSON text that is broadcast. */
  readonly text: string;
  /** Base and priority fee in microcredits. */
  readonly fee: bigint;
}

/** The programs that a program imports, directly and through others, by id. */
export type Imports = Readonly<
  Record<string, { readonly source: string; readonly edition: number }>
>;

export interface DeploymentRequest {
  readonly programId: string;
  readonly source: string;
  /** 0 for a program that is new on chain, else the edition there plus one. */
  readonly edition: number;
  readonly imports: Imports;
  readonly priorityFee: bigint;
}

export interface ExecutionRequest {
  readonly programId: string;
  readonly source: string;
  readonly edition: number;
  readonly imports: Imports;
  readonly functionName: string;
  /** Aleo literals and values, as text. */
  readonly inputs: readonly string[];
  readonly priorityFee: bigint;
}

/** Makes transactions; sends none. Implementations differ in who proves. */
export interface TransactionBuilder {
  /** The address that signs and pays. */
  signer(): Promise<string>;
  deployment(request: DeploymentRequest): Promise<BuiltTransaction>;
  execution(request: ExecutionRequest): Promise<BuiltTransaction>;
  /** What `deployment` would cost without a priority fee, in microcredits. */
  estimateDeployment(request: DeploymentRequest): Promise<bigint>;
  /** What `execution` would cost without a priority fee, in microcredits. */
  estimateExecution(request: ExecutionRequest): Promise<bigint>;
}
