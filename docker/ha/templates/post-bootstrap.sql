-- Run once, by Patroni, on the node that made the cluster.
create role etherpad login password '@SECRET_ETHERPAD@';
create database etherpad owner etherpad;
create role mattermost login password '@SECRET_MATTERMOST@';
create database mattermost owner mattermost;
create role ops login password '@SECRET_OPS@';
create database ops owner ops;
