import type * as models from "@kubernetes/client-node";

/** An object of the API as it is on the wire: what the models have as `Date` is text there. */
export type Wire<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

type ObjectMeta = Wire<models.V1ObjectMeta>;
export type Pod = Wire<models.V1Pod>;
export type PodStatus = Wire<models.V1PodStatus>;
export type PodCondition = Wire<models.V1PodCondition>;
export type Container = Wire<models.V1Container>;
export type ContainerStatus = Wire<models.V1ContainerStatus>;
export type ContainerState = Wire<models.V1ContainerState>;
export type Probe = Wire<models.V1Probe>;
export type Volume = Wire<models.V1Volume>;
export type ConfigMap = Wire<models.V1ConfigMap>;
export type Secret = Wire<models.V1Secret>;
export type Node = Wire<models.V1Node>;
export type Lease = Wire<models.V1Lease>;
export type PersistentVolume = Wire<models.V1PersistentVolume>;
export type PersistentVolumeClaim = Wire<models.V1PersistentVolumeClaim>;
export type TokenRequest = Wire<models.AuthenticationV1TokenRequest>;

/** What every object of the API has. */
export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

export interface ObjectList<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: T[];
}
